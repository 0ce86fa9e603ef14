/*
 * The runtime client inside an execution environment: as Lambda's Node.js runtime, over the same Runtime API (2018-06-01).
 * Imports nothing of the runner but the stream of a response.
 */
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { awslambda, isStreaming, ResponseStream } from './response-stream.ts';

type Handler = (event: unknown, context: object) => unknown;

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

const variables = process.env;
const [address = '', ...path] = (variables.AWS_LAMBDA_RUNTIME_API ?? '').split('/');
const [hostname, port] = address.split(':');
const prefix = `${['', ...path].join('/')}/2018-06-01/runtime`;
// A separate persistent connection: requests for events and responses never share a pool with user code.
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
let current: string | undefined;

function call(method: 'GET' | 'POST', target: string, body?: string): Promise<Answer> {
  return new Promise((done, fail) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const outgoing = request({ agent, hostname, port, method, path: `${prefix}${target}`, headers });
    outgoing.once('error', fail);
    outgoing.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', fail);
      response.once('end', () =>
        done({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    outgoing.end(body);
  });
}

/** Lambda's JSON for an error, or for a thrown value that is not an Error. */
function describe(error: unknown, errorType?: string): string {
  if (!(error instanceof Error))
    return JSON.stringify({ errorType: errorType ?? typeof error, errorMessage: String(error), trace: [] });
  const trace = (error.stack ?? '').split('\n');
  return JSON.stringify({ errorType: errorType ?? error.name, errorMessage: error.message, trace });
}

async function loadHandler(): Promise<Handler> {
  const [file = 'index', name = 'handler'] = (variables._HANDLER ?? 'index.handler').split('.');
  const location = pathToFileURL(join(variables.LAMBDA_TASK_ROOT ?? '.', `${file}.mjs`)).href;
  const loaded = (await import(location)) as Record<string, unknown>;
  const handler = loaded[name];
  if (typeof handler !== 'function') throw new TypeError(`${file}.${name} is undefined or not exported`);
  return handler as Handler;
}

function contextOf(headers: IncomingHttpHeaders): object {
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  return {
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    functionName: variables.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: variables.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: variables.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: variables.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: variables.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

/** An error outside of the handler's promise ends the environment, as on Lambda. */
function endOn(event: 'uncaughtException' | 'unhandledRejection', errorType: string, status: number): void {
  process.on(event, (error: unknown) => {
    process.stderr.write(`${errorType} ${error instanceof Error ? error.stack : String(error)}\n`);
    const target = current === undefined ? '/init/error' : `/invocation/${current}/error`;
    call('POST', target, describe(error, errorType)).finally(() => process.exit(status));
  });
}

function responseStream(requestId: string): ResponseStream {
  return new ResponseStream((contentType) =>
    request({
      agent,
      hostname,
      port,
      method: 'POST',
      path: `${prefix}/invocation/${requestId}/response`,
      headers: {
        'content-type': contentType,
        'transfer-encoding': 'chunked',
        'lambda-runtime-function-response-mode': 'streaming',
        trailer: 'Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body',
      },
    }),
  );
}

/** The invocation ends when the handler's promise has settled and the stream has ended. */
async function handleStreamed(
  handler: (event: unknown, response: ResponseStream, context: object) => unknown,
  requestId: string,
  event: unknown,
  context: object,
): Promise<void> {
  const stream = responseStream(requestId);
  const closed = new Promise<void>((done) => stream.once('close', done));
  let failure: string | undefined;
  try {
    await handler(event, stream, context);
    stream.end();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    failure = describe(error);
    if (stream.begun) stream.fail(error instanceof Error ? error.name : 'Error', failure);
    else stream.destroy();
  }
  await closed;
  // A stream that was cut off has no trailers. Without an error the invocation would have no result.
  if (stream.writableFinished) return;
  failure ??= describe(new Error('The response stream was closed before its end.'));
  await call('POST', `/invocation/${requestId}/error`, failure);
}

async function handleNext(handler: Handler): Promise<void> {
  const { headers, body } = await call('GET', '/invocation/next');
  const requestId = String(headers['lambda-runtime-aws-request-id']);
  current = requestId;
  if (isStreaming(handler)) return handleStreamed(handler, requestId, JSON.parse(body), contextOf(headers));
  let answer: string;
  try {
    const result = await handler(JSON.parse(body), contextOf(headers));
    answer = JSON.stringify(result === undefined ? null : result);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    await call('POST', `/invocation/${requestId}/error`, describe(error));
    return;
  }
  await call('POST', `/invocation/${requestId}/response`, answer);
}

endOn('uncaughtException', 'Runtime.UncaughtException', 129);
endOn('unhandledRejection', 'Runtime.UnhandledPromiseRejection', 128);

Object.assign(globalThis, { awslambda });
let handler: Handler;
try {
  handler = await loadHandler();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  await call('POST', '/init/error', describe(error)).catch(() => undefined);
  process.exit(1);
}
try {
  for (;;) await handleNext(handler);
} catch {
  // The Runtime API has closed: the host has ended.
  process.exit(0);
}

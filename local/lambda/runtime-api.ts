import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listen } from '../http/listen.ts';
import { readBody } from '../http/read-body.ts';
import { type FunctionError, maxPayloadBytes } from './definition.ts';
import type { ExecutionEnvironment } from './environment.ts';

const route =
  /^\/([0-9a-f-]{36})\/2018-06-01\/runtime\/(init\/error|invocation\/next|invocation\/([^/]+)\/(response|error))$/;

/** The Runtime API (2018-06-01) for all environments of a host; each has its own path prefix. */
export interface RuntimeApi {
  /** `host:port`; AWS_LAMBDA_RUNTIME_API adds `/<environment id>`. */
  address: string;
  close(): void;
}

export async function startRuntimeApi(
  find: (id: string) => ExecutionEnvironment | undefined,
): Promise<RuntimeApi> {
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, (request, response) => {
    handle(request, response, find).catch(() => response.destroy());
  });
  const port = await listen(server, 0);
  return {
    address: `127.0.0.1:${port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  find: (id: string) => ExecutionEnvironment | undefined,
): Promise<void> {
  const [, id = '', action = '', requestId = '', kind] = route.exec(request.url ?? '') ?? [];
  const environment = find(id);
  if (environment === undefined)
    return answer(response, 404, 'InvalidRequest', 'Unknown environment or path');
  if (action === 'invocation/next') return environment.next(response);
  if (kind === 'response' && request.headers['lambda-runtime-function-response-mode'] === 'streaming')
    return receiveStream(environment, requestId, request, response);
  const body = (await readBody(request)) ?? Buffer.alloc(0);
  if (action === 'init/error') {
    environment.initFail(parseError(body));
    return answer(response, 202);
  }
  if (kind === 'response' && body.length > maxPayloadBytes) {
    const errorMessage = `Response payload size exceeded maximum allowed payload size (${maxPayloadBytes} bytes).`;
    environment.fail(requestId, { errorType: 'Function.ResponseSizeTooLarge', errorMessage, trace: [] });
    return answer(response, 413, 'RequestEntityTooLarge', errorMessage);
  }
  const known =
    kind === 'response'
      ? environment.respond(requestId, body.toString())
      : environment.fail(requestId, parseError(body));
  return known ? answer(response, 202) : answer(response, 400, 'InvalidRequestID', 'No such invocation');
}

/** Hands the body on while it arrives. One that is cut off has no result yet: the runtime reports the error, or ends. */
function receiveStream(
  environment: ExecutionEnvironment,
  requestId: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  request.once('end', () => {
    const type = request.trailers['lambda-runtime-function-error-type'];
    const body = request.trailers['lambda-runtime-function-error-body'];
    if (type === undefined) environment.respond(requestId, '');
    else environment.fail(requestId, parseError(Buffer.from(body ?? '', 'base64')));
    answer(response, 202);
  });
  // Nobody takes it: the function sees its stream closed.
  if (!environment.stream(requestId, request)) request.destroy();
}

function answer(response: ServerResponse, status: number, errorType?: string, errorMessage?: string): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(errorType === undefined ? { status: 'OK' } : { errorType, errorMessage }));
}

function parseError(body: Buffer): FunctionError {
  const { errorType, errorMessage, trace } = JSON.parse(body.toString()) as Partial<FunctionError>;
  return { errorType: errorType ?? 'Unhandled', errorMessage: errorMessage ?? '', trace: trace ?? [] };
}

import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import pLimit from 'p-limit';
import { acceptedContentTypes } from '../../lambda/domain/image.ts';
import { jsonMethodsAt, pathOf, resourcePaths, streamedMethodsAt } from '../../lambda/domain/routes.ts';
import { listen } from '../http/listen.ts';
import { readBody } from '../http/read-body.ts';
import { type InvocationResult, RequestTooLarge, type StreamTaker, Throttled } from '../lambda/definition.ts';
import { type Match, matchResource } from './match.ts';
import { sendProblem } from './problems.ts';
import { proxyEvent } from './proxy-event.ts';
import { parseProxyResult, sendProxyResult } from './proxy-result.ts';
import { sendStream } from './streamed-response.ts';

export interface GatewayOptions {
  /** 0: any free port. */
  port: number;
  /** Maximum concurrent invocations; other requests wait. */
  concurrency: number;
  onTrouble(line: string): void;
}

/** Handles requests once the pipeline is running. */
export interface Backend {
  invoke(event: unknown): Promise<InvocationResult>;
  /** Invokes the function of the streamed routes. It refuses itself what exceeds its concurrency. */
  stream(event: unknown, take: StreamTaker): Promise<InvocationResult>;
  /** For the page on this machine. */
  apiKey: string;
}

export interface RunningGateway {
  url: string;
  port: number;
  /** Every request gets 503 before this call. */
  open(backend: Backend): void;
  /** Returns 503 again; requests in progress continue. */
  shut(): void;
  close(): Promise<void>;
}

/** Limit of REST APIs. */
const maxBodyBytes = 10 * 1024 * 1024;
/** Maximum waiting requests; others get 429 with Retry-After. */
const maxWaiting = 2000;
/** Methods that `ANY` of API Gateway includes. All others, such as TRACE, get the 404 of an unknown path. */
const anyMethods = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']);
/** The local API key, for the page. */
const keyFile = pathOf('pageFile', { proxy: 'local.json' });

/** The REST API (v1) in front of the function, on 127.0.0.1. @throws PortTaken */
export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  let backend: Backend | undefined;
  // Lambda would start an environment for each request; here they share a few processors.
  const limit = pLimit(options.concurrency);
  const server = createServer((incoming, response) => {
    const requestId = randomUUID();
    answer(incoming, response, requestId).catch((error: unknown) => {
      // The client has disconnected.
      if (response.destroyed) return;
      options.onTrouble(error instanceof Error ? (error.stack ?? error.message) : String(error));
      sendProblem(response, 'unavailable', requestId, 'InternalServerErrorException');
    });
  });
  const port = await listen(server, options.port);

  async function answer(incoming: IncomingMessage, response: ServerResponse, requestId: string) {
    const [path = '/', query = ''] = (incoming.url ?? '/').split(/\?(.*)/s, 2);
    if (backend === undefined) return sendProblem(response, 'starting', requestId);
    const method = incoming.method ?? 'GET';
    if (path === keyFile && ['GET', 'HEAD'].includes(method) && isLocal(incoming))
      return sendLocal(response, backend.apiKey);
    const match = find(method, path);
    if (typeof match === 'string') return sendProblem(response, match, requestId);
    const body = await readBody(incoming, maxBodyBytes);
    if (body === undefined) return sendProblem(response, 'tooLarge', requestId);
    const type =
      (incoming.headers['content-type'] ?? 'application/json').split(';')[0]?.trim().toLowerCase() ?? '';
    if (
      type === 'application/json' &&
      jsonMethodsAt(match.resource).some((one) => one === method) &&
      !isObject(body)
    )
      return sendProblem(response, 'malformedJson', requestId);
    const binary = acceptedContentTypes.some((accepted) => accepted === type);
    const request = { incoming, requestId, path, query: new URLSearchParams(query), body, binary };
    if (limit.pendingCount >= maxWaiting) return sendProblem(response, 'throttled', requestId);
    const { invoke, stream } = backend;
    if (streamedMethodsAt(match.resource).some((one) => one === method))
      return forwardStream(response, requestId, (take) => stream(proxyEvent(request, match), take));
    return forward(response, requestId, () => limit(() => invoke(proxyEvent(request, match))));
  }

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    open: (opened) => {
      backend = opened;
    },
    shut: () => {
      backend = undefined;
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function find(method: string, path: string): Match | 'notFound' | 'malformedPath' {
  try {
    return (anyMethods.has(method) && matchResource(resourcePaths, path)) || 'notFound';
  } catch {
    return 'malformedPath';
  }
}

async function forward(
  response: ServerResponse,
  requestId: string,
  invoke: () => Promise<InvocationResult>,
): Promise<void> {
  const result = await invoked(response, requestId, invoke);
  if (result === undefined) return;
  const answer = parseProxyResult(result.payload);
  if (answer === undefined) return sendProblem(response, 'unavailable', requestId, 'MalformedProxyResponse');
  sendProxyResult(response, answer, requestId);
}

/** The result of an invocation; undefined if it failed, which the client has been told. */
async function invoked(
  response: ServerResponse,
  requestId: string,
  invoke: () => Promise<InvocationResult>,
): Promise<(InvocationResult & { ok: true }) | undefined> {
  try {
    const result = await invoke();
    if (result.ok) return result;
    const late = result.error.errorType === 'Sandbox.Timedout';
    const type = late ? 'GatewayTimeout' : 'InternalServerErrorException';
    // Closes the connection if the response has begun, so that the client sees it cut off.
    sendProblem(response, 'unavailable', requestId, type);
  } catch (error) {
    if (error instanceof RequestTooLarge) sendProblem(response, 'tooLarge', requestId);
    else if (error instanceof Throttled) sendProblem(response, 'unavailable', requestId, error.name);
    else throw error;
  }
  return undefined;
}

async function forwardStream(
  response: ServerResponse,
  requestId: string,
  invoke: (take: StreamTaker) => Promise<InvocationResult>,
): Promise<void> {
  let sent: Promise<boolean> | undefined;
  const result = await invoked(response, requestId, () =>
    invoke((body) => {
      sent = sendStream(body, response, requestId).then(
        () => true,
        () => false,
      );
    }),
  );
  if (result === undefined) return;
  if (await sent) response.end();
  else sendProblem(response, 'unavailable', requestId, 'MalformedProxyResponse');
}

/** A page of another site whose name resolves to 127.0.0.1 must not get the key; it sends its own Host. */
function isLocal({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site'];
  const name = (headers.host ?? '').replace(/:\d+$/, '');
  return (
    ['127.0.0.1', 'localhost', '[::1]'].includes(name) &&
    (site === undefined || site === 'same-origin' || site === 'none')
  );
}

function sendLocal(response: ServerResponse, apiKey: string): void {
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify({ apiKey }));
}

function isObject(body: Buffer): boolean {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

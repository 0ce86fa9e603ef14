import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import pLimit from 'p-limit';
import { acceptedContentTypes } from '../../lambda/domain/image.ts';
import { pathOf, resourcePaths, routes } from '../../lambda/domain/routes.ts';
import { listen } from '../http/listen.ts';
import { type InvocationResult, RequestTooLarge, Throttled } from '../lambda/definition.ts';
import { MalformedPath, type Match, matchResource } from './match.ts';
import { sendProblem } from './problems.ts';
import { proxyEvent } from './proxy-event.ts';
import { parseProxyResult, sendProxyResult } from './proxy-result.ts';

export interface GatewayOptions {
  /** 0 takes a free one. */
  port: number;
  /** Concurrent invocations; further requests wait. */
  concurrency: number;
  onTrouble(line: string): void;
}

/** The function and the key, once everything has started. */
export interface Backend {
  invoke(event: unknown): Promise<InvocationResult>;
  /** For the page on this machine. */
  apiKey: string;
}

export interface RunningGateway {
  url: string;
  port: number;
  /** Before this call every request gets 503. */
  open(backend: Backend): void;
  /** Returns 503 again; requests in progress continue. */
  shut(): void;
  close(): Promise<void>;
}

/** REST APIs take at most 10 MB. */
const maxBodyBytes = 10 * 1024 * 1024;
/** Waiting requests; further ones receive a Retry-After. */
const maxWaiting = 2000;
/** Methods that `ANY` of API Gateway stands for; it answers all others, such as TRACE, as an unknown path. */
const anyMethods = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']);
/** The local API key, for the page. */
const keyFile = pathOf('pageFile', { proxy: 'local.json' });

/** The REST API (v1) in front of the function, on 127.0.0.1. @throws PortTaken */
export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  let backend: Backend | undefined;
  // Lambda would start an environment for each request. Here they share a few processors, so some wait.
  const limit = pLimit(options.concurrency);
  const server = createServer((incoming, response) => {
    const requestId = randomUUID();
    answer(incoming, response, requestId).catch((error: unknown) => {
      // The client has disconnected: no response is needed.
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
    const match = anyMethods.has(method) ? find(path) : undefined;
    if (match === undefined || match === 'malformed')
      return sendProblem(response, match === undefined ? 'notFound' : 'malformedPath', requestId);
    const body = await read(incoming);
    if (body === undefined) return sendProblem(response, 'tooLarge', requestId);
    const type =
      (incoming.headers['content-type'] ?? 'application/json').split(';')[0]?.trim().toLowerCase() ?? '';
    if (
      method === routes.createImage.method &&
      match.resource === routes.createImage.path &&
      type === 'application/json' &&
      !isObject(body)
    )
      return sendProblem(response, 'malformedJson', requestId);
    const binary = acceptedContentTypes.some((accepted) => accepted === type);
    const request = { incoming, requestId, path, query: new URLSearchParams(query), body, binary };
    if (limit.pendingCount >= maxWaiting) return sendProblem(response, 'throttled', requestId);
    const { invoke } = backend;
    return forward(response, requestId, () => limit(() => invoke(proxyEvent(request, match))));
  }

  function find(path: string): Match | 'malformed' | undefined {
    try {
      return matchResource(resourcePaths, path);
    } catch (error) {
      if (error instanceof MalformedPath) return 'malformed';
      throw error;
    }
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

async function forward(
  response: ServerResponse,
  requestId: string,
  invoke: () => Promise<InvocationResult>,
): Promise<void> {
  let result: InvocationResult;
  try {
    result = await invoke();
  } catch (error) {
    if (error instanceof RequestTooLarge) return sendProblem(response, 'tooLarge', requestId);
    if (error instanceof Throttled) return sendProblem(response, 'unavailable', requestId, error.name);
    throw error;
  }
  if (!result.ok) {
    const late = result.error.errorType === 'Sandbox.Timedout';
    return sendProblem(
      response,
      'unavailable',
      requestId,
      late ? 'GatewayTimeout' : 'InternalServerErrorException',
    );
  }
  const answer = parseProxyResult(result.payload);
  if (answer === undefined) return sendProblem(response, 'unavailable', requestId, 'MalformedProxyResponse');
  sendProxyResult(response, answer, requestId);
}

/** Excludes pages of other sites, also of one whose name resolves to 127.0.0.1: it sends its own host. */
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

/** The body; undefined if it is too large. The rest is read and discarded, so that the client receives the response. */
async function read(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= maxBodyBytes) chunks.push(chunk);
    else chunks.length = 0;
    if (bytes > 10 * maxBodyBytes) break;
  }
  return bytes > maxBodyBytes ? undefined : Buffer.concat(chunks);
}

function isObject(body: Buffer): boolean {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

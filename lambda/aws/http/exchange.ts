import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';

/** A signed request. */
export interface Outgoing {
  method: string;
  protocol: string;
  hostname: string;
  port?: number | undefined;
  /** With the query. */
  path: string;
  headers: Record<string, string>;
  body?: Uint8Array | undefined;
}

/** Same region: about 1 ms to connect, 30 ms to the first byte. A dead socket must not hold the function. */
const connectMs = 1_000;

/** Connections that are kept alive. */
export interface Transport {
  /**
   * Sends a request. On abort the socket is destroyed, and a body that is being read fails.
   * @returns the response, whose body must be read or destroyed.
   * @throws an error named `TimeoutError` for a timeout and a broken connection, `AbortError`, or the socket's.
   */
  exchange(outgoing: Outgoing, signal?: AbortSignal): Promise<IncomingMessage>;
  close(): void;
}

/** @param answerMs until the head of the response is complete, and between two bytes. */
export function openTransport(answerMs: number): Transport {
  const pool = { keepAlive: true, maxSockets: 50, timeout: answerMs };
  let agents: { http: HttpAgent; https: HttpsAgent } | undefined;
  return {
    exchange({ body, hostname, ...outgoing }, signal) {
      agents ??= { http: new HttpAgent(pool), https: new HttpsAgent(pool) };
      const host = hostname.replace(/^\[|\]$/g, '');
      const request =
        outgoing.protocol === 'http:'
          ? httpRequest({ ...outgoing, host, agent: agents.http })
          : httpsRequest({ ...outgoing, host, agent: agents.https });
      const response = responseTo(request, answerMs, signal);
      request.end(body);
      return response;
    },
    close() {
      agents?.http.destroy();
      agents?.https.destroy();
    },
  };
}

function responseTo(
  request: ClientRequest,
  answerMs: number,
  signal?: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    let incoming: IncomingMessage | undefined;
    let connecting: NodeJS.Timeout | undefined;
    const end = (error: Error) => {
      incoming?.destroy(error);
      request.destroy(error);
    };
    const answering = setTimeout(() => end(timeout('response', answerMs)), answerMs);
    const abort = () => end(Object.assign(new Error('aborted'), { name: 'AbortError' }));
    request.on('socket', (socket: Socket) => {
      if (!socket.connecting) return;
      connecting = setTimeout(() => end(timeout('connection', connectMs)), connectMs);
      socket.once('connect', () => clearTimeout(connecting));
    });
    request.on('timeout', () => end(timeout('next byte', answerMs)));
    request.on('response', (response) => {
      clearTimeout(answering);
      incoming = response;
      resolve(response);
    });
    request.on('error', (error) => reject(named(error)));
    request.on('close', () => {
      clearTimeout(connecting);
      clearTimeout(answering);
      signal?.removeEventListener('abort', abort);
    });
    if (signal?.aborted === true) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
}

function timeout(what: string, ms: number): Error {
  const error = new Error(`no ${what} within the timeout of ${ms} ms`);
  return Object.assign(error, { name: 'TimeoutError', code: 'ETIMEDOUT' });
}

/** As the SDK names broken connections. */
function named(error: NodeJS.ErrnoException): Error {
  const broken = ['ECONNRESET', 'EPIPE', 'ETIMEDOUT'].includes(error.code ?? '');
  return broken ? Object.assign(error, { name: 'TimeoutError' }) : error;
}

/** Reads a whole body. @throws if the connection breaks before its end. */
export function readBody(response: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.once('end', () => resolve(Buffer.concat(chunks)));
    response.once('error', (error) => reject(named(error)));
  });
}

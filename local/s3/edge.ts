import { mkdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listen } from '../http/listen.ts';
import { authorize } from './authorize.ts';
import { addCorsHeaders, answerPreflight, type CorsRule } from './cors.ts';
import type { CreatedObject } from './created-event.ts';
import type { EdgeParts } from './edge-parts.ts';
import { S3Error, sendError } from './errors.ts';
import { KeyLocks } from './key-locks.ts';
import { passThrough } from './pass-through.ts';
import { postObject } from './post-object.ts';
import { putObject } from './put-object.ts';
import { type EdgeRequest, parseRequest } from './request.ts';
import type { S3Credentials } from './sigv4.ts';
import { Upstream } from './upstream.ts';

export interface EdgeOptions {
  /** The S3 of fauxqs. */
  upstream: string;
  credentials: S3Credentials;
  cors: CorsRule;
  /** For bodies on their way in; emptied at the start. */
  spoolFolder: string;
  /** 0: any free one. */
  port: number;
  onCreated(object: CreatedObject): Promise<void>;
  /** What went wrong inside, for the log. */
  onTrouble(line: string): void;
  now?: () => number;
}

/** S3 as clients and functions see it, on 127.0.0.1. */
export interface RunningEdge {
  endpoint: string;
  port: number;
  close(): Promise<void>;
}

/** How much of a refused body is still read, so that the client gets to see the answer. */
const drainBytes = 256 * 1024 * 1024;

/**
 * Starts the edge: it enforces what S3 does and fauxqs does not. Path-style addresses only.
 * @throws PortTaken
 */
export async function startS3Edge(options: EdgeOptions): Promise<RunningEdge> {
  rmSync(options.spoolFolder, { recursive: true, force: true });
  mkdirSync(options.spoolFolder, { recursive: true });
  const upstream = new Upstream(options.upstream);
  const parts: EdgeParts = {
    upstream,
    credentials: options.credentials,
    locks: new KeyLocks(),
    spoolFolder: options.spoolFolder,
    cors: options.cors,
    now: options.now ?? Date.now,
    onCreated: options.onCreated,
  };
  const server = createServer((incoming, response) => {
    handle(incoming, response, parts, options.onTrouble).catch(() => response.destroy());
  });
  const port = await listen(server, options.port);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    port,
    close: async () => {
      server.close();
      server.closeAllConnections();
      upstream.close();
    },
  };
}

async function handle(
  incoming: IncomingMessage,
  response: ServerResponse,
  parts: EdgeParts,
  onTrouble: (line: string) => void,
): Promise<void> {
  let request: EdgeRequest | undefined;
  try {
    request = parseRequest(incoming);
    response.setHeader('x-amz-request-id', request.id);
    response.setHeader('server', 'AmazonS3');
    if (request.method === 'OPTIONS') {
      answerPreflight(request, response, parts.cors);
      return;
    }
    addCorsHeaders(request, response, parts.cors);
    await operate(request, response, parts);
  } catch (error) {
    // The client has gone: nobody waits for an answer.
    if (response.destroyed) return;
    const known = error instanceof S3Error ? error : unexpected(error, incoming, onTrouble);
    sendError(response, known, incoming.method ?? 'GET', request?.path ?? '/', request?.id ?? '');
    drain(incoming);
  }
}

function operate(request: EdgeRequest, response: ServerResponse, parts: EdgeParts): Promise<void> {
  const { method, key, query } = request;
  const form = /^multipart\/form-data/i.test(request.headers['content-type'] ?? '');
  // A form carries its own signature.
  if (method === 'POST' && key === '' && form) return postObject(request, response, parts);
  const payloadHash = authorize(request, parts.credentials, parts.now());
  if (method === 'PUT' && request.headers['x-amz-copy-source'] !== undefined)
    throw new S3Error(501, 'NotImplemented', 'This S3 does not copy objects.');
  if (method === 'PUT' && key !== '' && !query.has('uploadId'))
    return putObject(request, response, parts, payloadHash);
  if (method === 'PUT' && key === '')
    throw new S3Error(405, 'MethodNotAllowed', 'The bucket is made by the runner.');
  return passThrough(request, response, parts, payloadHash);
}

function unexpected(error: unknown, incoming: IncomingMessage, onTrouble: (line: string) => void): S3Error {
  const path = (incoming.url ?? '').replace(/\?.*$/, '');
  onTrouble(
    `${incoming.method} ${path}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
  return new S3Error(500, 'InternalError', 'We encountered an internal error. Please try again.');
}

/** A client that is still sending would see a broken connection in place of the refusal. */
function drain(incoming: IncomingMessage): void {
  let left = drainBytes;
  incoming.unpipe();
  incoming.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) incoming.destroy();
  });
  incoming.resume();
}

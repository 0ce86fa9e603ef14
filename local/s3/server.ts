import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listen } from '../http/listen.ts';
import { authorize, refuseOtherScheme, refuseSecondSignature } from './authorize.ts';
import type { S3Context } from './context.ts';
import { addCorsHeaders, type CorsRule, respondToPreflight } from './cors.ts';
import type { CreatedObject } from './created-event.ts';
import { hostId, notImplemented, S3Error, sendError } from './errors.ts';
import { injectFaults, type StorageFaults } from './faults.ts';
import { checkTarget, operationOf } from './operations.ts';
import { postObject } from './post-object.ts';
import { parseRequest, type S3Request } from './request.ts';
import type { S3Credentials } from './sigv4.ts';
import { openStore } from './store/open-store.ts';

export interface S3Options {
  /** Folder of the objects; one process at a time may use it. */
  folder: string;
  /** Created, with versioning, if they are missing. */
  buckets: readonly string[];
  credentials: S3Credentials;
  cors: CorsRule;
  /** For bodies that are arriving, on the same file system; emptied at the start. */
  spoolFolder: string;
  /** 0: any free one. */
  port: number;
  onCreated(object: CreatedObject): Promise<void>;
  /** Receives internal errors, for the log. */
  onTrouble(line: string): void;
  now?: () => number;
  /** By default none. */
  faults?: StorageFaults;
}

/** S3 as clients and functions see it, on 127.0.0.1. */
export interface RunningS3 {
  endpoint: string;
  port: number;
  close(): Promise<void>;
}

/** How much of a refused body is still read, so that the client sees the response. */
const drainBytes = 256 * 1024 * 1024;

/**
 * Starts S3, with its signatures, policies, conditions, checksums, versions and errors. Path-style addresses only.
 * @throws PortTaken
 */
export async function startS3(options: S3Options): Promise<RunningS3> {
  const { credentials, cors, spoolFolder, onCreated, now = Date.now } = options;
  rmSync(spoolFolder, { recursive: true, force: true });
  mkdirSync(spoolFolder, { recursive: true });
  const store = openStore(options.folder, options.buckets, now);
  const context: S3Context = { store, credentials, spoolFolder, cors, now, onCreated };
  const server = createServer((incoming, response) => {
    handle(incoming, response, context, options).catch(() => response.destroy());
  });
  const port = await listen(server, options.port).catch((error: unknown) => {
    store.close();
    throw error;
  });
  return {
    endpoint: `http://127.0.0.1:${port}`,
    port,
    close: async () => {
      server.close();
      server.closeAllConnections();
      store.close();
    },
  };
}

async function handle(
  incoming: IncomingMessage,
  response: ServerResponse,
  context: S3Context,
  { faults, onTrouble }: Pick<S3Options, 'faults' | 'onTrouble'>,
): Promise<void> {
  const id = randomUUID().slice(-17).replace('-', '').toUpperCase();
  response.setHeader('x-amz-request-id', id);
  response.setHeader('x-amz-id-2', hostId(id));
  response.setHeader('server', 'AmazonS3');
  let path = '/';
  try {
    const request = parseRequest(incoming, id);
    path = request.path;
    if (request.method === 'OPTIONS') {
      respondToPreflight(request, response, context.cors);
      return;
    }
    addCorsHeaders(request, response, context.cors);
    if (faults !== undefined) await injectFaults(request, faults);
    await operate(request, response, context);
  } catch (error) {
    // The client has disconnected.
    if (response.destroyed) return;
    const known = error instanceof S3Error ? error : unexpected(error, incoming, onTrouble);
    sendError(response, known, path, id);
    drain(incoming);
  }
}

async function operate(request: S3Request, response: ServerResponse, context: S3Context): Promise<void> {
  const { method, key, query } = request;
  const form = /^multipart\/form-data/i.test(request.headers['content-type'] ?? '');
  // A form carries its own signature.
  if (method === 'POST' && request.bucket !== '' && key === '' && form && !query.has('delete')) {
    refuseOtherScheme(request);
    refuseSecondSignature(request);
    checkTarget(request, context);
    return postObject(request, response, context);
  }
  const operation = operationOf(request);
  const payloadHash = authorize(request, context.credentials, context.now());
  checkTarget(request, context);
  if (request.headers['x-amz-copy-source'] !== undefined)
    throw notImplemented({ Header: 'x-amz-copy-source' });
  await operation(request, response, context, payloadHash);
}

function unexpected(error: unknown, incoming: IncomingMessage, onTrouble: (line: string) => void): S3Error {
  const path = (incoming.url ?? '').replace(/\?.*$/, '');
  onTrouble(
    `${incoming.method} ${path}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
  return new S3Error(500, 'InternalError', 'We encountered an internal error. Please try again.');
}

/** Otherwise a client that is still sending would see a broken connection instead of the error. */
function drain(incoming: IncomingMessage): void {
  let left = drainBytes;
  incoming.unpipe();
  incoming.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) incoming.destroy();
  });
  incoming.resume();
}

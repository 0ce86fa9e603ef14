import type { ServerResponse } from 'node:http';
import type { CorsRule } from './cors.ts';
import type { CreatedObject } from './created-event.ts';
import type { S3Request } from './request.ts';
import type { S3Credentials } from './sigv4.ts';
import type { ObjectStore } from './store/open-store.ts';

/** What every operation works with. */
export interface S3Context {
  store: ObjectStore;
  credentials: S3Credentials;
  spoolFolder: string;
  cors: CorsRule;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Told of each object before the client gets its answer, so that no created object goes unnoticed. */
  onCreated(object: CreatedObject): Promise<void>;
}

/**
 * One operation: it answers, or throws an S3Error. `payloadHash` is what the signature covers: hex of the body's SHA-256,
 * or a word of S3's.
 */
export type Operation = (
  request: S3Request,
  response: ServerResponse,
  context: S3Context,
  payloadHash: string,
) => Promise<void> | void;

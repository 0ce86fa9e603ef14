import type { ServerResponse } from 'node:http';
import type { CorsRule } from './cors.ts';
import type { CreatedObject } from './created-event.ts';
import type { S3Request } from './request.ts';
import type { S3Credentials } from './sigv4.ts';
import type { ObjectStore } from './store/open-store.ts';

export interface S3Context {
  store: ObjectStore;
  credentials: S3Credentials;
  spoolFolder: string;
  cors: CorsRule;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Called for each created object before the response, so that no event is lost. */
  onCreated(object: CreatedObject): Promise<void>;
}

/**
 * One operation: it sends the response or throws an S3Error. `payloadHash` is what the signature covers: the body's
 * SHA-256 in hex, or one of S3's constants.
 */
export type Operation = (
  request: S3Request,
  response: ServerResponse,
  context: S3Context,
  payloadHash: string,
) => Promise<void> | void;

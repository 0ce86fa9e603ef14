import type { ServerResponse } from 'node:http';
import type { CorsRule } from './cors.ts';
import type { CreatedObject } from './created-event.ts';
import type { KeyLocks } from './key-locks.ts';
import type { EdgeRequest } from './request.ts';
import type { S3Credentials } from './sigv4.ts';
import type { Upstream } from './upstream.ts';

/** What every operation of the edge works with. */
export interface EdgeParts {
  upstream: Upstream;
  credentials: S3Credentials;
  locks: KeyLocks;
  spoolFolder: string;
  cors: CorsRule;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Told of each object before the client gets its answer, so that no created object goes unnoticed. */
  onCreated(object: CreatedObject): Promise<void>;
}

/** One operation: it answers, or throws an S3Error. */
export type Operation = (request: EdgeRequest, response: ServerResponse, parts: EdgeParts) => Promise<void>;

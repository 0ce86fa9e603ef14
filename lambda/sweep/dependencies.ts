import type { Bucket } from '../aws/bucket.ts';
import type { Queue } from '../aws/queue.ts';
import type { Database } from '../postgres/connection.ts';
import type { Log } from '../runtime/logger.ts';

/** What the sweep works with, opened once per environment. */
export interface Dependencies {
  database: Pick<Database, 'run' | 'close'>;
  bucket: Pick<Bucket, 'headOriginal' | 'deleteOriginal' | 'deletePrefix'>;
  queue: Pick<Queue, 'sendJobs' | 'queueDepth'>;
  log: Log;
}

/** Images that one duty takes on in one run: what is left comes next time. */
export const atMost = 1_000;
/** Calls to S3 in flight at once. */
export const storageCalls = 16;

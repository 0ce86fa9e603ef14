import type { Bucket } from '../aws/bucket.ts';
import type { ExportFiles } from '../aws/export-files.ts';
import type { Queue } from '../aws/queue.ts';
import type { Settings } from '../domain/settings.ts';
import type { Database } from '../postgres/connection/connection.ts';
import type { Log } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';

/** Dependencies of the sweep, opened once per environment. */
export interface Dependencies {
  database: Pick<Database, 'run' | 'close'>;
  bucket: Pick<Bucket, 'findUploaded' | 'deleteAt' | 'deleteVersion'>;
  exportFiles: Pick<ExportFiles, 'abort'>;
  queue: Pick<Queue, 'sendJobs' | 'queueDepth'>;
  /** How long images are kept after their final status. */
  retention: Settings['retention']['rows'];
  /** Days for which sent events are kept. */
  eventKeepDays: number;
  /** Days for which deliveries of webhooks are kept after they ended. */
  deliveryKeepDays: number;
  /** Days that an export is kept after its end. */
  exportDays: number;
  /** Seconds for which an Idempotency-Key is kept. */
  idempotencySeconds: number;
  /** Ready images that a run may send to be completed. */
  completionsPerSweep: number;
  /** Seconds for which the URL of a replaced object may still be in use. */
  replacedSeconds: number;
  log: Log;
  metrics: Metrics;
}

/** Images per batch. */
export const batchSize = 1_000;
/** Concurrent calls to S3. */
export const storageCalls = 32;

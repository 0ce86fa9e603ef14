import type { LimitFunction } from 'p-limit';
import type { Bucket } from '../aws/bucket.ts';
import type { DeadLetterQueue } from '../aws/dead-letters.ts';
import type { Nudges } from '../aws/nudges.ts';
import type { Queue } from '../aws/queue.ts';
import type { Settings } from '../domain/settings.ts';
import type { SandboxLane } from '../imaging/sandbox/lane.ts';
import type { BrownOut } from '../policy/brown-out.ts';
import type { Database } from '../postgres/connection/connection.ts';
import type { Log } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';
import type { openDatabasePressure } from './database-pressure.ts';
import type { Deadline } from './deadline.ts';

/** Dependencies of the worker, opened once per environment. */
export interface Dependencies {
  database: Pick<Database, 'run' | 'close'>;
  bucket: Pick<Bucket, 'findFirstUpload' | 'getOriginal' | 'putVariant'>;
  queue: Pick<Queue, 'changeVisibility'>;
  deadLetters: DeadLetterQueue;
  nudges: Nudges;
  lane: Pick<SandboxLane, 'decode'>;
  settings: Settings;
  log: Log;
  metrics: Metrics;
  /** From 0 to 1, 1 excluded. Default: Math.random. */
  random?: () => number;
  /** Default: a new one for each handler. */
  pressure?: ReturnType<typeof openDatabasePressure>;
  /** Default: a new one for each handler. */
  brownOut?: BrownOut;
}

/** The same for one batch. */
export interface BatchContext extends Dependencies {
  pressure: ReturnType<typeof openDatabasePressure>;
  brownOut: BrownOut;
  deadline: Deadline;
  /** Bounds the puts of all jobs together. */
  puts: LimitFunction;
  /** Caught errors, for the metrics of outages. */
  errors: unknown[];
}

import type { MessageQueue } from '../aws/message-queue.ts';
import type { Database } from '../postgres/connection/connection.ts';
import type { Log } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';
import type { Park } from './offer.ts';
import type { Sink } from './sink.ts';

/** Dependencies of the relay, opened once per environment. */
export interface Dependencies {
  /** One session. A sink may use it too, but not within a call of the relay. */
  database: Pick<Database, 'run' | 'close'>;
  sinks: readonly Sink[];
  /** Takes what a sink never takes. */
  park: Park;
  /** Its own queue: what it sends there starts the next run. */
  nudges: MessageQueue;
  log: Log;
  metrics: Metrics;
}

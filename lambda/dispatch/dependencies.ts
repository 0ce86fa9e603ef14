import type { MessageQueue } from '../aws/message-queue.ts';
import type { Database } from '../postgres/connection/connection.ts';
import type { Log } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';

/** Dependencies of `dispatch`, opened once per environment. */
export interface Dependencies {
  database: Pick<Database, 'run' | 'transaction' | 'close'>;
  /** Requests to `deliver`. */
  deliveries: MessageQueue;
  /** Its own queue. */
  deliveryResults: MessageQueue;
  /** Most deliveries of an endpoint that may be out at once. */
  inFlight: number;
  log: Log;
  metrics: Metrics;
  /** From 0 to 1, 1 excluded. */
  random: () => number;
  /** Milliseconds since the epoch. */
  now: () => number;
}

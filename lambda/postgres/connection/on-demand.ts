import type { Database, DatabaseOptions } from './connection.ts';
import { oneConnection } from './one-connection.ts';

export interface OnDemandOptions extends DatabaseOptions {
  /** Idle milliseconds until the connection is closed. Default 2,500; 0 closes it with each call. */
  lingerMs?: number;
}

/**
 * A database that connects when needed and disconnects in pauses longer than the decode of a photograph, for functions with few, short statements.
 *
 * The handler awaits `close()` before its invocation ends: a frozen environment holds no connection, so their number
 * never exceeds that of executions (I5). One frozen nevertheless is too old to reuse, whether its timer fired or not.
 */
export function openOnDemand(options: OnDemandOptions): Database {
  const { lingerMs = 2_500 } = options;
  return oneConnection(options, { trusted: (_, idleMs) => idleMs <= lingerMs, lingerMs });
}

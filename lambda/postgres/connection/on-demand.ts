import type { Database, DatabaseOptions } from './connection.ts';
import { oneConnection } from './one-connection.ts';

export interface OnDemandOptions extends DatabaseOptions {
  /** How long the connection stays open for the next call, in milliseconds. 250 unless told; 0 closes it with each call. */
  lingerMs?: number;
}

/**
 * A database that is connected to when it is needed: the statements of one stretch of work share a handshake, and a
 * pause between two stretches (a decode) holds nothing. For functions that speak to Postgres seldom and briefly.
 *
 * The handler awaits `close()` before its invocation ends, so that connections in use never exceed executions in
 * flight: a frozen environment holds none (I5). One that was frozen all the same finds its connection too old to trust,
 * whether its timer has fired or not.
 */
export function openOnDemand(options: OnDemandOptions): Database {
  const { lingerMs = 250 } = options;
  return oneConnection(options, { trusted: (_, idleMs) => idleMs <= lingerMs, lingerMs });
}

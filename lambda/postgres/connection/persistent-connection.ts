import type { Database, DatabaseOptions, OpenConnection } from './connection.ts';
import { oneConnection } from './one-connection.ts';

export interface KeptOptions extends DatabaseOptions {
  /** After this many milliseconds without use the connection is tried before it is trusted. 1 s unless told. */
  trustMs?: number;
  /** How long that trial may take, in milliseconds. 1 s unless told. */
  trialMs?: number;
}

/**
 * A database with one connection that is kept between calls: one per environment, for a function that could
 * not afford a handshake per request.
 *
 * While an environment is frozen its timers do not fire and its socket hears nothing, so the server may have
 * ended the session long ago. After a pause the connection is therefore tried with an empty statement (a round
 * trip) and replaced when that fails: at that point the caller's own statement surely has not run. A statement
 * that fails on the way is not repeated, because it may have run.
 */
export function keepOpen(options: KeptOptions): Database {
  const { trustMs = 1_000, trialMs = 1_000 } = options;
  return oneConnection(options, {
    trusted: (connection, idleMs) => idleMs <= trustMs || answers(connection, trialMs),
  });
}

async function answers(connection: OpenConnection, withinMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), withinMs);
  });
  const trial = connection.query('').then(
    () => true,
    () => false,
  );
  try {
    return await Promise.race([trial, late]);
  } finally {
    clearTimeout(timer);
  }
}

import type { Database, DatabaseOptions, OpenConnection } from './connection.ts';
import { oneConnection } from './one-connection.ts';

export interface PersistentOptions extends DatabaseOptions {
  /** Idle milliseconds after which a connection is tested before reuse. Default: 1 s. */
  trustMs?: number;
  /** Limit of that test, in milliseconds. Default: 1 s. */
  trialMs?: number;
}

/**
 * A database with a persistent connection per environment, for functions that cannot afford a handshake per request.
 *
 * A frozen environment does not notice when its session ends. After a pause an empty statement (a round trip)
 * tests the connection, which is replaced on failure. A statement that fails is not repeated: it may have run.
 */
export function keepOpen(options: PersistentOptions): Database {
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

import { type Connection, connect, type Database, type DatabaseOptions } from './connection.ts';
import { inTransaction } from './transaction.ts';

/** A database whose calls may be given an end: who has to answer in time cannot wait for a silent server. */
export interface OnDemandDatabase extends Database {
  /** @param options.withinMs connect and work take at most this long; then the connection is dropped. */
  run<Result>(
    work: (connection: Connection) => Promise<Result>,
    options?: { withinMs: number },
  ): Promise<Result>;
}

/**
 * A database that is connected to for each call and left right after it, so that connections in use never
 * exceed executions in flight: a frozen environment holds none (I5). For functions that speak to Postgres
 * seldom and briefly.
 */
export function openOnDemand(options: DatabaseOptions): OnDemandDatabase {
  async function run<Result>(
    work: (connection: Connection) => Promise<Result>,
    { withinMs }: { withinMs?: number } = {},
  ): Promise<Result> {
    const started = Date.now();
    const connection = await connect(withinMs === undefined ? options : hurried(options, withinMs));
    const timer =
      withinMs === undefined
        ? undefined
        : setTimeout(() => connection.destroy(), Math.max(0, withinMs - (Date.now() - started)));
    try {
      return await work(connection);
    } finally {
      clearTimeout(timer);
      await connection.close();
    }
  }
  return {
    run,
    transaction: (work) => run((connection) => inTransaction(connection, work)),
    close: async () => undefined,
  };
}

/** A refusal and a slow handshake may follow each other, so each gets half of the time. */
function hurried(options: DatabaseOptions, withinMs: number): DatabaseOptions {
  const half = Math.max(1, withinMs / 2);
  return {
    ...options,
    connectTimeoutMs: Math.min(options.connectTimeoutMs ?? 5_000, half),
    patienceMs: Math.min(options.patienceMs ?? 2_000, half),
  };
}

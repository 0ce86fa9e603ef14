import { type Connection, connect, type Database, type DatabaseOptions } from './connection.ts';
import { inTransaction } from './transaction.ts';

/**
 * A database that is connected to for each call and left right after it, so that connections in use never
 * exceed executions in flight: a frozen environment holds none (I5). For functions that speak to Postgres
 * seldom and briefly.
 */
export function openOnDemand(options: DatabaseOptions): Database {
  const run = async <Result>(work: (connection: Connection) => Promise<Result>): Promise<Result> => {
    const connection = await connect(options);
    try {
      return await work(connection);
    } finally {
      await connection.close();
    }
  };
  return {
    run,
    transaction: (work) => run((connection) => inTransaction(connection, work)),
    close: async () => undefined,
  };
}

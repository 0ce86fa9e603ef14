import type { Connection } from './connection.ts';

/** Runs `work` between BEGIN and COMMIT, or ROLLBACK if it throws; rethrows its error. */
export async function inTransaction<Result>(
  connection: Connection,
  work: (connection: Connection) => Promise<Result>,
): Promise<Result> {
  await connection.query('begin');
  let result: Result;
  try {
    result = await work(connection);
  } catch (error) {
    // A lost connection rolls back by itself; the first error is the useful one.
    await connection.query('rollback').catch(() => undefined);
    throw error;
  }
  await connection.query('commit');
  return result;
}

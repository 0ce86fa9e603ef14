import type { Connection } from './connection.ts';

/** Runs `work` between BEGIN and COMMIT, or ROLLBACK when it throws; what it threw is thrown on. */
export async function inTransaction<Result>(
  connection: Connection,
  work: (connection: Connection) => Promise<Result>,
): Promise<Result> {
  await connection.query('begin');
  let result: Result;
  try {
    result = await work(connection);
  } catch (error) {
    // A lost connection rolls back by itself, and the first error tells more than the second.
    await connection.query('rollback').catch(() => undefined);
    throw error;
  }
  await connection.query('commit');
  return result;
}

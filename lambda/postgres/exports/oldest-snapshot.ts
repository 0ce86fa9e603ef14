import type { Connection } from '../connection/connection.ts';

const ageStatement = {
  name: 'oldest snapshot',
  text: 'select oldest_snapshot_seconds() as seconds',
};

/** Age in seconds of the oldest snapshot that another session of this database holds; 0 without one. */
export async function oldestSnapshotSeconds(connection: Connection): Promise<number> {
  const { rows } = await connection.query<{ seconds: number }>(ageStatement);
  return rows[0]?.seconds ?? 0;
}

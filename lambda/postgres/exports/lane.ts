import type { Connection } from '../connection/connection.ts';

const laneStatement = {
  name: 'take lane',
  text: `select pg_try_advisory_lock(hashtextextended('export of ' || $1, 0)) as taken`,
};

/** Whether this session is now the only one that streams for the tenant. It is until it ends. */
export async function takeLane(connection: Connection, tenant: string): Promise<boolean> {
  const { rows } = await connection.query<{ taken: boolean }>(laneStatement, [tenant]);
  return rows[0]?.taken ?? false;
}

import type { Connection } from '../connection/connection.ts';

/** Forgets idempotency keys whose time is over, the oldest first, at most `limit` of them; answers how many. */
export async function removeExpiredKeys(
  connection: Connection,
  { limit }: { limit: number },
): Promise<number> {
  const { rowCount } = await connection.query(
    `delete from idempotency_key where ctid = any(array(
       select ctid from idempotency_key where expires_at < now() order by expires_at limit $1))`,
    [limit],
  );
  return rowCount;
}

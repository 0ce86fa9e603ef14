import type { Connection } from '../connection/connection.ts';

/** Deletes expired idempotency keys, oldest first, at most `limit`. @returns how many. */
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

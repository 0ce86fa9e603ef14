import type { Connection } from '../connection/connection.ts';

/** Removes sent events that are older than this, oldest first, at most `limit`. @returns how many. */
export async function removeOldEvents(
  connection: Connection,
  { olderThanSeconds, limit }: { olderThanSeconds: number; limit: number },
): Promise<number> {
  const { rowCount } = await connection.query(
    `delete from image_event where ctid = any(array(
       select ctid from image_event where sent_at is not null and time < now() - make_interval(secs => $1)
       order by time limit $2))`,
    [olderThanSeconds, limit],
  );
  return rowCount;
}

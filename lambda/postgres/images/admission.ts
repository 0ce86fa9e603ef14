import type { Connection } from '../connection/connection.ts';

/**
 * SQL of the number of unfinished images: queued, processing, or awaiting an upload by a valid ticket. Part of the insert,
 * so that both see one snapshot; concurrent requests can exceed the limit by the number of api executions.
 *
 * Two counts up to the bound, each an index-only scan: 15 ms at 50,000, 26 with fresh rows (docs/database.md).
 * @param bound SQL of the number to stop at; the sum may be up to twice that.
 * @param whose SQL of a further condition, such as the tenant
 */
export function unfinishedUpTo(bound: string, whose = 'true'): string {
  return `(
    (select count(*) from (select from image
      where status in ('queued', 'processing') and deleted_at is null and ${whose} limit ${bound}) working)
    + (select count(*) from (select from image
      where status = 'awaiting_upload' and deleted_at is null and ticket_expires_at > now() and ${whose}
      limit ${bound}) awaited))`;
}

/** SQL of the number of images that ended in the last minute, by the index `image_ended`. */
export const finishedInLastMinute = `(select count(*) from image
  where status in ('ready', 'rejected', 'failed') and updated_at > now() - interval '1 minute')`;

/** The count alone, for callers that do not insert. */
export async function countUnfinished(connection: Connection, bound: number): Promise<number> {
  const { rows } = await connection.query<{ unfinished: number }>(
    `select ${unfinishedUpTo('$1::int')} as unfinished`,
    [bound],
  );
  return rows[0]?.unfinished ?? 0;
}

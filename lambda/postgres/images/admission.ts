import type { Connection } from '../connection/connection.ts';

/*
 * Admission SQL inside the insert, so both see one snapshot. Concurrent requests do not see each other's rows: the
 * limit can be exceeded by at most the number of api executions.
 */

/**
 * How many images wait or are in work: the unfinished ones, and those whose ticket can still bring a file. What was
 * deleted, failed to be uploaded or has an expired ticket waits for nothing and holds no place, whether the sweep has
 * come by or not.
 *
 * Two counts, each up to the bound and no further, so that each is an index-only scan: 15 ms at 50,000, 26 where the rows
 * were just written (docs/database.md).
 * @param bound SQL for the number to stop at; the sum may be up to twice that.
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

/** How many images came to an end in the last minute: what the workers get done, by the index `image_ended`. */
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

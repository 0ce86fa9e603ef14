import type { Connection } from '../connection/connection.ts';
import { oldestFirst, type Page, readPage } from './oldest-first.ts';

const uncleared = oldestFirst(
  'greatest(ticket_expires_at, lease_expires_at)',
  "status = 'superseded' and cleared_at is null and deleted_at is null",
);
/** Superseded images that still have objects and can get no more: lease and ticket ended more than `graceSeconds` ago. */
export function unclearedImages(connection: Connection, page: Page & { graceSeconds: number }) {
  return readPage(connection, uncleared, page, page.graceSeconds);
}

/** Records that superseded images have no objects any more. @returns how many. */
export async function markCleared(connection: Connection, imageIds: readonly string[]): Promise<number> {
  const { rowCount } = await connection.query(
    `update image set cleared_at = now()
     where id = any($1::uuid[]) and status = 'superseded' and cleared_at is null and deleted_at is null`,
    [imageIds],
  );
  return rowCount;
}

import type { ImageRef } from '../../domain/image.ts';
import type { Connection } from '../connection/connection.ts';
import { oldestFirst, type Page, readPage } from './oldest-first.ts';

/**
 * Marks an image as deleted; the sweep removes objects and row. The raised attempt fences off a job in flight (I9).
 * @returns true also if it was marked before, so that a repeated DELETE gets the same response.
 */
export async function markDeleted(connection: Connection, { tenant, imageId }: ImageRef): Promise<boolean> {
  const { rowCount } = await connection.query(
    `update image set deleted_at = coalesce(deleted_at, now()),
       attempt = attempt + (deleted_at is null)::int,
       updated_at = case when deleted_at is null then now() else updated_at end
     where id = $1 and tenant_id = $2`,
    [imageId, tenant],
  );
  return rowCount === 1;
}

const removable = oldestFirst('greatest(ticket_expires_at, lease_expires_at)', 'deleted_at is not null');
/** Deleted images that can get no more objects: lease and ticket ended more than `graceSeconds` ago. */
export function deletedImages(connection: Connection, page: Page & { graceSeconds: number }) {
  return readPage(connection, removable, page, page.graceSeconds);
}

/** Removes rows of deleted images, with their variants. @returns how many. */
export async function removeDeleted(connection: Connection, imageIds: readonly string[]): Promise<number> {
  const { rowCount } = await connection.query(
    'delete from image where id = any($1::uuid[]) and deleted_at is not null',
    [imageIds],
  );
  return rowCount;
}

import type { ImageRef } from '../../domain/image.ts';
import type { Connection } from '../connection/connection.ts';
import { oldestFirst, type Page, readPage } from './oldest-first.ts';

/**
 * Marks an image as deleted. It is gone for everybody from now on; the sweep takes its objects and its row, and
 * the raised attempt is a fence that a job in flight cannot commit through (I9).
 * True also where it was marked before, so that a repeated DELETE has the same answer.
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
/**
 * Deleted images to which nothing can come back any more: no worker holds a lease and no ticket admits an upload,
 * both over for more than `graceSeconds`.
 */
export function deletedImages(connection: Connection, page: Page & { graceSeconds: number }) {
  return readPage(connection, removable, page, page.graceSeconds);
}

/** Removes the rows of deleted images, and of their variants with them. Answers how many. */
export async function removeDeleted(connection: Connection, imageIds: readonly string[]): Promise<number> {
  const { rowCount } = await connection.query(
    'delete from image where id = any($1::uuid[]) and deleted_at is not null',
    [imageIds],
  );
  return rowCount;
}

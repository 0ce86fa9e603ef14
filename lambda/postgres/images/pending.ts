import type { ImageRef } from '../../domain/image.ts';
import type { Connection } from '../connection/connection.ts';
import { oldestFirst, type Page, readPage } from './oldest-first.ts';

const pending = oldestFirst(
  'greatest(coalesce(enqueued_at, updated_at), lease_expires_at)',
  'pending is not null and deleted_at is null',
);
/** Ready images with variants that follow, whose last message or lease ended more than `olderThanSeconds` ago. */
export function pendingImages(connection: Connection, page: Page & { olderThanSeconds: number }) {
  return readPage(connection, pending, page, page.olderThanSeconds);
}

/** Records that messages to complete these images were sent. */
export async function markCompletionSent(connection: Connection, imageIds: readonly string[]): Promise<void> {
  await connection.query(
    `update image set enqueued_at = now()
     where id = any($1::uuid[]) and status = 'ready' and pending is not null and deleted_at is null`,
    [imageIds],
  );
}

/** The object of a variant that was made anew. */
export interface ReplacedObject extends Pick<ImageRef, 'imageId'> {
  key: string;
  /** Text, because a Date loses microseconds. */
  at: string;
}

/** Replaced objects, oldest first, that no URL serves any more: older than `olderThanSeconds`. */
export async function replacedObjects(
  connection: Connection,
  {
    limit,
    after,
    olderThanSeconds,
  }: { limit: number; after?: ReplacedObject | undefined; olderThanSeconds: number },
): Promise<ReplacedObject[]> {
  const { rows } = await connection.query<ReplacedObject>(
    `select image_id as "imageId", key, replaced_at::text as at from replaced_object
     where (replaced_at, image_id, key) > ($2::timestamptz, $3::uuid, $4::text)
       and replaced_at < now() - make_interval(secs => $5)
     order by replaced_at, image_id, key limit $1`,
    [
      limit,
      after?.at ?? '-infinity',
      after?.imageId ?? '00000000-0000-0000-0000-000000000000',
      after?.key ?? '',
      olderThanSeconds,
    ],
  );
  return rows;
}

/** Deletes the records of replaced objects. @returns how many. */
export async function removeReplaced(
  connection: Connection,
  objects: readonly ReplacedObject[],
): Promise<number> {
  const { rowCount } = await connection.query(
    // For a join Postgres would read the whole table.
    `delete from replaced_object where ctid = any(array(
       select found.ctid from unnest($1::uuid[], $2::text[]) as gone (image_id, key) cross join lateral (
         select ctid from replaced_object where image_id = gone.image_id and key = gone.key offset 0) found))`,
    [objects.map(({ imageId }) => imageId), objects.map(({ key }) => key)],
  );
  return rowCount;
}

import type { ImageRef } from '../../domain/image.ts';
import type { Connection } from '../connection/connection.ts';
import { endOlder } from './superseding.ts';
import { keptAnswers } from './tickets.ts';

/* Completes a direct upload: a put and a send follow the row, outside any transaction. */

interface DirectUpload extends ImageRef {
  key?: string;
}

const finishStatement = {
  name: 'finish direct upload',
  text: `with queued as (
       update image set status = 'queued', enqueued_at = now(), updated_at = now(),
         original_version = coalesce(original_version, $5)
       where id = $1 and tenant_id = $2 and status in ('awaiting_upload', 'expired') and deleted_at is null
       returning id, tenant_id, replaces
     ), ${endOlder('queued')}, stored as (
       update idempotency_key set status = $4, response = null
       where tenant_id = $2 and key = $3 and image_id = $1
     )
     select count(*)::int as overtaken from superseded`,
};

/**
 * Queues the image, ends older images of its name that wait, and stores the response in one transaction; leaves an image
 * already claimed by a worker unchanged.
 * @param upload.version the object's version; saves the worker a request to the bucket.
 * @returns the number of images that are superseded.
 */
export async function finishDirectUpload(
  connection: Connection,
  { tenant, imageId, key, version }: DirectUpload & { version?: string | undefined },
): Promise<number> {
  const { rows } = await connection.query<{ overtaken: number }>(finishStatement, [
    imageId,
    tenant,
    key ?? null,
    keptAnswers.direct,
    version ?? null,
  ]);
  return rows[0]?.overtaken ?? 0;
}

/**
 * The put failed: deletes the row (a put reported as failed may have succeeded) and frees the key for a retry.
 * Changes neither if another request has taken over the upload. @returns whether the row was deleted
 */
export async function abandonDirectUpload(
  connection: Connection,
  { tenant, imageId, key }: DirectUpload,
): Promise<boolean> {
  const { rowCount } = await connection.query(
    `with freed as (
       delete from idempotency_key where tenant_id = $2 and key = $3 and image_id = $1 and status is null
       returning 1
     )
     update image set deleted_at = now(), updated_at = now()
     where id = $1 and tenant_id = $2 and status in ('awaiting_upload', 'expired') and deleted_at is null
       and ($3::text is null or exists (select from freed))`,
    [imageId, tenant, key ?? null],
  );
  return rowCount === 1;
}

import type { ImageRef } from '../../domain/image.ts';
import type { Connection } from '../connection/connection.ts';

/** Queues an awaited image whose original is in the bucket, for the sweep if its message is lost; else undefined. */
export async function markUploaded(
  connection: Connection,
  { tenant, imageId }: ImageRef,
): Promise<{ updatedAt: Date } | undefined> {
  const { rows } = await connection.query<{ updatedAt: Date }>(
    `update image set status = 'queued', enqueued_at = now(), updated_at = now()
     where id = $1 and tenant_id = $2 and status = 'awaiting_upload' and deleted_at is null
     returning updated_at as "updatedAt"`,
    [imageId, tenant],
  );
  return rows[0];
}

import type { ImageRef } from '../../domain/image.ts';
import type { Connection } from '../connection/connection.ts';
import { endOlder } from './superseding.ts';

const markStatement = {
  name: 'mark uploaded',
  text: `with queued as (
       update image set status = 'queued', enqueued_at = now(), updated_at = now()
       where id = $1 and tenant_id = $2 and status = 'awaiting_upload' and deleted_at is null
       returning id, tenant_id, replaces, updated_at
     ), ${endOlder('queued')}
     select updated_at as "updatedAt", (select count(*)::int from superseded) as overtaken from queued`,
};

/**
 * Queues an awaited image whose original is in the bucket, for the sweep if its message is lost, and ends older images
 * of its name that wait. Undefined if it is not awaited.
 */
export async function markUploaded(
  connection: Connection,
  { tenant, imageId }: ImageRef,
): Promise<{ updatedAt: Date; overtaken: number } | undefined> {
  const { rows } = await connection.query<{ updatedAt: Date; overtaken: number }>(markStatement, [
    imageId,
    tenant,
  ]);
  return rows[0];
}

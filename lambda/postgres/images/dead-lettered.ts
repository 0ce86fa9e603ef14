import type { Connection } from '../connection/connection.ts';
import type { Attempt } from './commit.ts';

/** Records that the dead-letter queue has these failed images, so that it gets them once. Ignores restarted images. */
export async function markDeadLettered(connection: Connection, failed: readonly Attempt[]): Promise<void> {
  await connection.query(
    `update image set dead_lettered_attempt = sent.attempt
     from unnest($1::uuid[], $2::int[]) as sent (id, attempt)
     where image.id = sent.id and image.attempt = sent.attempt and image.status = 'failed'
       and image.deleted_at is null`,
    [failed.map(({ imageId }) => imageId), failed.map(({ attempt }) => attempt)],
  );
}

import type { ImageRef } from '../../domain/image.ts';
import type { Connection } from '../connection/connection.ts';

/** An image and the time that its query orders by. */
export interface DatedImage extends ImageRef {
  /** As Postgres writes it: with microseconds, which a Date would lose. */
  at: string;
}

/**
 * A page of images: at most `limit`, oldest first, after the last one of the page before. Not from the front each time, so
 * that images that cannot be handled now do not block those that can.
 */
export interface Page {
  limit: number;
  after?: Pick<DatedImage, 'at' | 'imageId'> | undefined;
}

/** A query in the order of an index. `at` is the index's expression; only rows older than a number of seconds match. */
export function oldestFirst(at: string, condition: string): string {
  return `select id as "imageId", tenant_id as tenant, (${at})::text as at from image
    where ${condition} and (${at}, id) > ($2::timestamptz, $3::uuid)
      and ${at} < now() - make_interval(secs => $4)
    order by ${at}, id limit $1`;
}

export async function readPage(
  connection: Connection,
  statement: string,
  { limit, after }: Page,
  olderThanSeconds: number,
  ...more: unknown[]
): Promise<DatedImage[]> {
  const { rows } = await connection.query<DatedImage>(statement, [
    limit,
    after?.at ?? '-infinity',
    after?.imageId ?? '00000000-0000-0000-0000-000000000000',
    olderThanSeconds,
    ...more,
  ]);
  return rows;
}

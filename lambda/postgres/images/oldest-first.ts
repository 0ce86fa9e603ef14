import type { ImageRef } from '../../domain/image.ts';
import type { Connection } from '../connection/connection.ts';

/** An image and the time that its query orders by. */
export interface DatedImage extends ImageRef {
  /** Text, because a Date loses microseconds. */
  at: string;
}

/** At most `limit` images, oldest first, after the previous page: images that fail now do not block the others. */
export interface Page {
  limit: number;
  after?: Pick<DatedImage, 'at' | 'imageId'> | undefined;
}

/** A query in the order of an index on `at`, for rows older than a number of seconds. */
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

import type { ImageRef } from '../../domain/image.ts';
import type { Connection } from '../connection/connection.ts';

/** A later version of an original, uploaded with the same ticket. */
export interface ExtraUpload extends ImageRef {
  version: string;
}

/** Extra uploads to delete from the bucket, by image id, after the last one of the previous page. */
export async function extraUploads(
  connection: Connection,
  { limit, after }: { limit: number; after?: ExtraUpload | undefined },
): Promise<ExtraUpload[]> {
  const { rows } = await connection.query<ExtraUpload>(
    // For a join Postgres would read all images between two ids.
    `select image_id as "imageId", (select tenant_id from image where id = image_id) as tenant, version_id as version
     from extra_upload where (image_id, version_id) > ($2::uuid, $3::text)
     order by image_id, version_id limit $1`,
    [limit, after?.imageId ?? '00000000-0000-0000-0000-000000000000', after?.version ?? ''],
  );
  return rows;
}

/** Deletes the records of extra uploads. @returns how many. */
export async function removeExtraUploads(
  connection: Connection,
  uploads: readonly ExtraUpload[],
): Promise<number> {
  const { rowCount } = await connection.query(
    `delete from extra_upload using unnest($1::uuid[], $2::text[]) as gone (image_id, version_id)
     where extra_upload.image_id = gone.image_id and extra_upload.version_id = gone.version_id`,
    [uploads.map(({ imageId }) => imageId), uploads.map(({ version }) => version)],
  );
  return rowCount;
}

import type { ImageRef } from '../../domain/image.ts';
import type { Connection } from '../connection/connection.ts';
import { endOlder } from './superseding.ts';

/** What a client may edit, as it shall be, and the revision that this was made of. */
export interface Edit {
  metadata: Record<string, string>;
  replaces: string | null;
  revision: number;
}

/*
 * The version check: nothing is locked between reading and writing. The lock that the update takes is that of its own row;
 * images that it supersedes are skipped if somebody else has locked them.
 */
const editStatement = {
  name: 'edit image',
  text: `with edited as (
       update image set metadata = $4, replaces = $5, revision = image.revision + 1, edited_at = now()
       where id = $1 and tenant_id = $2 and revision = $3 and deleted_at is null
         and (status in ('awaiting_upload', 'queued') or replaces is not distinct from $5)
       returning id, tenant_id, status, replaces
     ), ${endOlder("(select * from edited where status = 'queued')")}
     select (select count(*)::int from superseded) as overtaken from edited`,
};

/**
 * Writes an edit, if the image still has its revision and, for another name, still waits. Of a queued image it ends older
 * queued images of its name, which may be new.
 * @returns the number of images that are superseded; undefined if nothing was written.
 */
export async function editImage(
  connection: Connection,
  { tenant, imageId }: ImageRef,
  { metadata, replaces, revision }: Edit,
): Promise<{ overtaken: number } | undefined> {
  const { rows } = await connection.query<{ overtaken: number }>(editStatement, [
    imageId,
    tenant,
    revision,
    JSON.stringify(metadata),
    replaces,
  ]);
  return rows[0];
}

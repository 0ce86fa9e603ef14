import type { ExportEncoding } from '../../domain/export.ts';
import type { Connection } from '../connection/connection.ts';

/** An export that is to be removed with its file. */
export interface OverExport {
  id: string;
  tenant: string;
  encoding: ExportEncoding;
  uploadId: string | null;
}

const columns = 'id, tenant_id as tenant, encoding, upload_id as "uploadId"';

/* Each of the two by its index: an OR would read every export that is kept. */
const overStatement = {
  name: 'exports over',
  text: `(select ${columns} from export_job
       where ended_at < now() - make_interval(days => $1) and ended_at is not null and deleted_at is null
       order by ended_at limit $3)
     union all
     (select ${columns} from export_job
       where deleted_at < now() - make_interval(secs => $2) and deleted_at is not null and file_removed_at is null
       order by deleted_at limit $3)
     limit $3`,
};

/**
 * Exports with a file whose time is over, and those that were deleted so many seconds ago, when no worker adds to them any
 * more.
 */
export async function exportsOver(
  connection: Connection,
  { keepDays, graceSeconds, limit }: { keepDays: number; graceSeconds: number; limit: number },
): Promise<OverExport[]> {
  const { rows } = await connection.query<OverExport>(overStatement, [keepDays, graceSeconds, limit]);
  return rows;
}

const withoutFileStatement = {
  name: 'exports without file',
  text: `update export_job set deleted_at = coalesce(deleted_at, now()), updated_at = now(), upload_id = null,
       file_removed_at = now()
     where id = any($1::uuid[]) and file_removed_at is null`,
};

/** Records that nothing is left of the files of these exports, which are then deleted for their tenants. */
export async function recordFilesRemoved(connection: Connection, ids: readonly string[]): Promise<number> {
  return (await connection.query(withoutFileStatement, [ids])).rowCount;
}

const removeStatement = {
  name: 'remove exports',
  text: `delete from export_job where id in (select id from export_job
       where created_at < now() - make_interval(secs => $1) and file_removed_at is not null order by created_at limit $2)`,
};

/** Removes exports without a file that were requested so many seconds ago: until then an Idempotency-Key is kept. */
export async function removeExports(
  connection: Connection,
  { keySeconds, limit }: { keySeconds: number; limit: number },
): Promise<number> {
  return (await connection.query(removeStatement, [keySeconds, limit])).rowCount;
}

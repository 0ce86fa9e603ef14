import type { ExportEncoding, ExportJobStatus, ExportSelection } from '../../domain/export.ts';
import type { Connection } from '../connection/connection.ts';

/** An export as its tenant sees it. */
export interface ExportRecord {
  id: string;
  status: ExportJobStatus;
  encoding: ExportEncoding;
  rows: number;
  bytes: number;
  createdAt: Date;
  updatedAt: Date;
  endedAt: Date | null;
}

const columns = `id, status, encoding, row_count as rows, byte_count as bytes, created_at as "createdAt",
  updated_at as "updatedAt", ended_at as "endedAt"`;

/** A request for an export. */
export interface NewExport {
  id: string;
  tenant: string;
  selection: ExportSelection;
  encoding: ExportEncoding;
  key?: { key: string; requestSha256: Buffer } | undefined;
}

/**
 * `reused`: the Idempotency-Key was used for another request. `deleted`: for this one, whose export was deleted since.
 * `running`: the tenant has an unfinished export.
 */
export type Requested =
  | { outcome: 'created' | 'repeated'; job: ExportRecord }
  | { outcome: 'reused' }
  | { outcome: 'deleted' }
  | { outcome: 'running' };

const insertStatement = {
  name: 'request export',
  text: `insert into export_job (id, tenant_id, selection, encoding, idempotency_key, request_sha256)
     values ($1, $2, $3, $4, $5, $6) on conflict do nothing returning ${columns}`,
};

const keyStatement = {
  name: 'export of key',
  text: `select ${columns}, request_sha256 as "requestSha256", deleted_at is not null as deleted from export_job
     where tenant_id = $1 and idempotency_key = $2`,
};

/** Requests an export, unless the tenant has an unfinished one. A key belongs to its export for as long as its row is kept. */
export async function requestExport(connection: Connection, wanted: NewExport): Promise<Requested> {
  const { id, tenant, selection, encoding, key } = wanted;
  const values = [
    id,
    tenant,
    JSON.stringify(selection),
    encoding,
    key?.key ?? null,
    key?.requestSha256 ?? null,
  ];
  const { rows } = await connection.query<ExportRecord>(insertStatement, values);
  if (rows[0] !== undefined) return { outcome: 'created', job: rows[0] };
  if (key === undefined) return { outcome: 'running' };
  const held = await connection.query<ExportRecord & { requestSha256: Buffer; deleted: boolean }>(
    keyStatement,
    [tenant, key.key],
  );
  const [found] = held.rows;
  if (found === undefined) return { outcome: 'running' };
  const { requestSha256, deleted, ...job } = found;
  if (!requestSha256.equals(key.requestSha256)) return { outcome: 'reused' };
  return deleted ? { outcome: 'deleted' } : { outcome: 'repeated', job };
}

const findStatement = {
  name: 'export',
  text: `select ${columns} from export_job where id = $1 and tenant_id = $2 and deleted_at is null`,
};

/** An export of a tenant; undefined if unknown, deleted or another tenant's (I11). */
export async function findExport(
  connection: Connection,
  tenant: string,
  id: string,
): Promise<ExportRecord | undefined> {
  return (await connection.query<ExportRecord>(findStatement, [id, tenant])).rows[0];
}

const deleteStatement = {
  name: 'delete export',
  text: `update export_job set deleted_at = now(), updated_at = now()
     where id = $1 and tenant_id = $2 and deleted_at is null`,
};

/** Hides an export and stops its job; the sweep removes the file, and later the row. @returns false if there is none */
export async function deleteExport(connection: Connection, tenant: string, id: string): Promise<boolean> {
  return (await connection.query(deleteStatement, [id, tenant])).rowCount === 1;
}

import type { ExportEncoding, ExportSelection } from '../../domain/export.ts';
import type { Connection } from '../connection/connection.ts';

/** A claimed job: what to export, and what is done. Every write names the attempt, so that a late worker changes nothing. */
export interface ClaimedExport {
  id: string;
  tenant: string;
  selection: ExportSelection;
  encoding: ExportEncoding;
  attempt: number;
  failures: number;
  uploadId: string | null;
  etags: string[];
  afterId: string | null;
  rows: number;
  createdAt: Date;
}

/** A job by the attempt that works on it. */
export type ExportAttempt = Pick<ClaimedExport, 'id' | 'attempt'>;

const claimStatement = {
  name: 'claim export',
  text: `update export_job set status = 'running', attempt = attempt + 1, updated_at = now(),
       lease_expires_at = now() + make_interval(secs => $1)
     where id = (select id from export_job
       where status in ('queued', 'running') and deleted_at is null
         and (lease_expires_at is null or lease_expires_at < now())
       order by updated_at limit 1 for update skip locked)
     returning id, tenant_id as tenant, selection, encoding, attempt, failures, upload_id as "uploadId", etags,
       after_id as "afterId", row_count as rows, created_at as "createdAt"`,
};

/** Claims the job that has waited for longest, for so many seconds; undefined without one. */
export async function claimExport(
  connection: Connection,
  leaseSeconds: number,
): Promise<ClaimedExport | undefined> {
  return (await connection.query<ClaimedExport>(claimStatement, [leaseSeconds])).rows[0];
}

const mine = "id = $1 and attempt = $2 and status = 'running' and deleted_at is null";

const uploadStatement = {
  name: 'begin export file',
  text: `update export_job set upload_id = $3, updated_at = now() where ${mine}`,
};

/** Records the upload of the file. @returns false if the job is no longer this attempt's */
export async function beginFile(
  connection: Connection,
  { id, attempt }: ExportAttempt,
  uploadId: string,
): Promise<boolean> {
  return (await connection.query(uploadStatement, [id, attempt, uploadId])).rowCount === 1;
}

/** A part that S3 has. */
export interface ExportPart {
  etag: string;
  /** Id up to which images are in it; null after the last. */
  last: string | null;
  rows: number;
  bytes: number;
  leaseSeconds: number;
}

const partStatement = {
  name: 'export part',
  text: `update export_job set etags = etags || $3::text, after_id = $4, row_count = row_count + $5,
       byte_count = byte_count + $6, failures = 0, updated_at = now(),
       lease_expires_at = now() + make_interval(secs => $7)
     where ${mine}`,
};

/** Records a part and extends the lease. @returns false if the job is no longer this attempt's */
export async function recordPart(
  connection: Connection,
  { id, attempt }: ExportAttempt,
  { etag, last, rows, bytes, leaseSeconds }: ExportPart,
): Promise<boolean> {
  const values = [id, attempt, etag, last, rows, bytes, leaseSeconds];
  return (await connection.query(partStatement, values)).rowCount === 1;
}

const endStatement = {
  name: 'end export',
  text: `update export_job set status = $3, ended_at = now(), updated_at = now(), lease_expires_at = null,
       upload_id = case when $3 = 'ready' then null else upload_id end
     where ${mine}`,
};

export async function endExport(
  connection: Connection,
  { id, attempt }: ExportAttempt,
  status: 'ready' | 'failed',
): Promise<boolean> {
  return (await connection.query(endStatement, [id, attempt, status])).rowCount === 1;
}

const releaseStatement = {
  name: 'release export',
  text: `update export_job set updated_at = now(), failures = failures + $3,
       lease_expires_at = now() + make_interval(secs => $4)
     where ${mine}`,
};

/** Lets another take the job, after a pause: because its turn is over, or after a failure. */
export async function releaseExport(
  connection: Connection,
  { id, attempt }: ExportAttempt,
  { failed, pauseSeconds }: { failed: boolean; pauseSeconds: number },
): Promise<void> {
  await connection.query(releaseStatement, [id, attempt, failed ? 1 : 0, pauseSeconds]);
}

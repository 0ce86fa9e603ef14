import type { ExportFiles } from '../aws/export-files.ts';
import { csvRecord, exportHeader, exportKey, trailerRecord } from '../domain/export.ts';
import type { OpenConnection } from '../postgres/connection/connection.ts';
import { beginFile, type ClaimedExport, endExport, recordPart } from '../postgres/exports/progress.ts';
import { exportRecords, type Paging } from '../postgres/exports/records.ts';
import { openFrame } from './frame.ts';

/** S3 takes no smaller part but the last. */
export const partBytes = 5 * 1024 * 1024;
/** A part is written in seconds: S3 or the database is away, or the function was killed, if it takes longer than this. */
export const leaseSeconds = 120;

/** `taken`: another has the job, or it was deleted. `paused`: there is more to do, after the last part. */
export type Written = 'ready' | 'paused' | 'taken';

export interface WriteOptions {
  files: ExportFiles;
  /** Asked after each part: whether to stop there. */
  pause: () => boolean;
  paging?: Paging | undefined;
  minPartBytes?: number;
  signal?: AbortSignal | undefined;
}

/**
 * Writes the file of a job from where the last attempt ended. A part is a compressed piece of whole pages, recorded after S3
 * has it: whoever continues begins behind the last image of the last recorded part, so each image is in the file once. In
 * memory is one part, 5 MiB and what a page adds.
 * @throws TransientFailure
 */
export async function writeFile(
  connection: OpenConnection,
  job: ClaimedExport,
  { files, pause, paging, minPartBytes = partBytes, signal }: WriteOptions,
): Promise<Written> {
  const { id, tenant, selection, encoding } = job;
  const key = exportKey(tenant, id, encoding);
  const uploadId = job.uploadId ?? (await begin());
  if (uploadId === undefined) return 'taken';
  const upload = { key, uploadId };
  const etags = [...job.etags];
  const header = exportHeader(selection);
  let frame = openFrame(encoding);
  let rows = 0;
  let total = job.rows;
  let stopped: Written | undefined;

  async function begin(): Promise<string | undefined> {
    const day = job.createdAt.toISOString().slice(0, 10);
    const made = await files.create(
      key,
      {
        contentType: encoding === 'gzip' ? 'application/gzip' : 'application/zstd',
        fileName: `images-${day}.${key.split('.').slice(1).join('.')}`,
      },
      signal,
    );
    if (await beginFile(connection, job, made)) return made;
    await files.abort({ key, uploadId: made }, signal);
    return undefined;
  }

  /** @returns false if the job is no longer ours */
  async function part(last: string | null): Promise<boolean> {
    const bytes = await frame.end();
    const etag = await files.putPart(upload, etags.length + 1, bytes, signal);
    etags.push(etag);
    const done = { etag, last, rows, bytes: bytes.length, leaseSeconds };
    frame = openFrame(encoding);
    rows = 0;
    return recordPart(connection, job, done);
  }

  // All parts are there if a worker ended between the last part and the end of the job.
  const complete = job.etags.length > 0 && job.afterId === null;
  if (!complete) {
    if (job.etags.length === 0) await frame.write(Buffer.from(csvRecord(header)));
    const records = exportRecords(
      connection,
      { tenant, selection },
      {
        after: job.afterId ?? undefined,
        paging,
        async onPage(page) {
          rows += page.rows;
          total += page.rows;
          if (page.last === undefined || frame.bytes < minPartBytes) return true;
          if (!(await part(page.last))) stopped = 'taken';
          else if (pause()) stopped = 'paused';
          return stopped === undefined;
        },
      },
    );
    for await (const chunk of records) await frame.write(chunk);
    if (stopped !== undefined) return stopped;
    await frame.write(Buffer.from(`\r\n${trailerRecord(total, header.length)}\r\n`));
    if (!(await part(null))) return 'taken';
  }
  await files.complete(upload, etags, signal);
  return (await endExport(connection, job, 'ready')) ? 'ready' : 'taken';
}

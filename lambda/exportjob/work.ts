import type { ExportFiles } from '../aws/export-files.ts';
import type { OpenConnection } from '../postgres/connection/connection.ts';
import { type ClaimedExport, claimExport, endExport, releaseExport } from '../postgres/exports/progress.ts';
import type { Paging } from '../postgres/exports/records.ts';
import type { RemainingTime } from '../runtime/handler.ts';
import type { Log } from '../runtime/logger.ts';
import { leaseSeconds, type Written, writeFile } from './write-file.ts';

export interface JobParts {
  connect(): Promise<OpenConnection>;
  files: ExportFiles;
  log: Log;
  /** Milliseconds after which a job lets the next one take a turn. */
  turnMs?: number;
  paging?: Paging;
  minPartBytes?: number;
}

/** Failures without a part between them, after which a job ends as failed. */
export const mostFailures = 10;
/** A part takes seconds; this is left for it when the invocation ends. */
const forPartMs = 60_000;

/** What an invocation did. */
export type JobReport = Record<Written | 'failed', number>;

/**
 * Works on jobs in turn until none is left or the time is over. What is not finished continues in the next invocation.
 */
export async function workOnExports(
  { connect, files, log, turnMs = 60_000, paging, minPartBytes }: JobParts,
  remaining: RemainingTime,
): Promise<JobReport> {
  const report: JobReport = { ready: 0, paused: 0, taken: 0, failed: 0 };
  while (remaining() > forPartMs) {
    const connection = await connect();
    let job: ClaimedExport | undefined;
    try {
      job = await claimExport(connection, leaseSeconds);
      if (job === undefined) return report;
      const ends = performance.now() + turnMs;
      const pause = () => remaining() < forPartMs || performance.now() > ends;
      const options = { files, pause, paging, ...(minPartBytes === undefined ? {} : { minPartBytes }) };
      const written = await writeFile(connection, job, options);
      report[written] += 1;
      log.info('An export was written', { export: job.id, tenant: job.tenant, written });
      // The lease ends: the next turn may be of this job again.
      if (written === 'paused') await releaseExport(connection, job, { failed: false, pauseSeconds: -1 });
    } catch (error) {
      report.failed += 1;
      if (job === undefined) throw error;
      log.error('An export failed', { export: job.id, tenant: job.tenant, failures: job.failures, error });
      await connection.close();
      await givenBack(await connect(), job);
    } finally {
      await connection.close();
    }
  }
  return report;
}

async function givenBack(connection: OpenConnection, job: ClaimedExport): Promise<void> {
  try {
    if (job.failures + 1 >= mostFailures) await endExport(connection, job, 'failed');
    else
      await releaseExport(connection, job, {
        failed: true,
        pauseSeconds: 5 * 2 ** Math.min(6, job.failures),
      });
  } finally {
    await connection.close();
  }
}

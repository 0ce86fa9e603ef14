import { TransientFailure } from '../domain/failure.ts';
import { openInvocation } from '../runtime/deadline.ts';
import type { RemainingTime } from '../runtime/handler.ts';
import type { Log } from '../runtime/logger.ts';

/** Time limits of one batch. */
export interface Time {
  /** Aborts calls to S3 and SQS. */
  work: AbortSignal;
  /** Aborts a few seconds later, so that finished work is still recorded. */
  record: AbortSignal;
}

/** Result of a batch: numbers for the report, and whether more work may remain. */
export interface BatchResult {
  counts: Record<string, number>;
  more: boolean;
}

/** Each call processes and records the next batch, sized to take seconds. */
export type Duty = (time: Time) => Promise<BatchResult>;

export interface Terms {
  /** Limit of a batch, in milliseconds. */
  batchMs: number;
  /** Time after that to record it. */
  recordMs: number;
  /** Reserved for the end of the invocation. */
  answerMs: number;
}

/** Five duties that time out on S3 and SQS take 125 s, less than half of the 300 s. */
export const terms: Terms = { batchMs: 20_000, recordMs: 5_000, answerMs: 5_000 };

/** Per duty the sums of its batches, or `skipped` if none began. */
export type Report<Name extends string> = Record<Name, Record<string, number> | 'skipped'>;

/**
 * Runs all duties while there is work and time. Each gets one batch first; then the one that has used the least time
 * continues, so that no backlog starves another. A duty that fails or times out ends for this run only.
 * @param clock milliseconds
 */
export async function takeTurns<Name extends string>(
  duties: Record<Name, Duty>,
  { batchMs, recordMs, answerMs }: Terms,
  {
    remaining,
    log,
    clock = () => performance.now(),
  }: { remaining: RemainingTime; log: Log; clock?: () => number },
): Promise<{ report: Report<Name>; failures: unknown[] }> {
  const names = Object.keys(duties) as Name[];
  const report = Object.fromEntries(names.map((name) => [name, 'skipped'])) as Report<Name>;
  const failures: unknown[] = [];
  const open = new Map(names.map((name) => [name, 0]));
  while (open.size > 0 && remaining() >= batchMs + recordMs + answerMs) {
    const [name, used] = [...open].reduce((least, next) => (next[1] < least[1] ? next : least));
    const work = openInvocation(() => batchMs, 0);
    const record = openInvocation(() => batchMs + recordMs, 0);
    const started = clock();
    try {
      const { counts, more } = await duties[name]({ work: work.signal, record: record.signal });
      report[name] = sum(report[name], counts);
      if (work.signal.aborted)
        throw new TransientFailure('out_of_time', 'a batch did not end', { cause: counts });
      open.set(name, used + clock() - started);
      if (!more) open.delete(name);
    } catch (error) {
      log.error('A duty failed', { duty: name, error });
      failures.push(error);
      open.delete(name);
    } finally {
      work.close();
      record.close();
    }
  }
  return { report, failures };
}

function sum(
  before: Record<string, number> | 'skipped',
  counts: Record<string, number>,
): Record<string, number> {
  const total: Record<string, number> = before === 'skipped' ? {} : { ...before };
  for (const [what, count] of Object.entries(counts)) total[what] = (total[what] ?? 0) + count;
  return total;
}

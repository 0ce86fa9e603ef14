import { TransientFailure } from '../domain/failure.ts';
import { openInvocation } from '../runtime/deadline.ts';
import type { RemainingTime } from '../runtime/handler.ts';
import type { Log } from '../runtime/logger.ts';

/** The time of one bite. */
export interface Time {
  /** Ends what S3 and SQS are asked for. */
  work: AbortSignal;
  /** Ends a few seconds later: what was done until then is still recorded. */
  record: AbortSignal;
}

/** What a bite did, as numbers for a report, and whether there may be more of it. */
export interface Bitten {
  did: Record<string, number>;
  more: boolean;
}

/** A duty in one run: each call takes on the next bite, of a size that takes seconds, and records it. */
export type Duty = (time: Time) => Promise<Bitten>;

export interface Terms {
  /** A bite that takes longer is ended, in milliseconds. */
  biteMs: number;
  /** Then so long is left to record it. */
  recordMs: number;
  /** Kept back for the end of the invocation. */
  answerMs: number;
}

/** Five duties that all find S3 and SQS silent take 125 s together, which leaves the others half of the 300 s. */
export const terms: Terms = { biteMs: 20_000, recordMs: 5_000, answerMs: 5_000 };

/** Per duty the sum of what its bites did, or `skipped` where not even one was begun. */
export type Report<Name extends string> = Record<Name, Record<string, number> | 'skipped'>;

/**
 * Does all duties for as long as there is something to do and time to do it. Each gets a bite first; then the one that
 * has had the least time goes on, so that none starves behind another's backlog. A duty that fails, or takes a bite
 * that does not end, is over for this run and keeps no other from being done.
 * @param clock milliseconds
 */
export async function takeTurns<Name extends string>(
  duties: Record<Name, Duty>,
  { biteMs, recordMs, answerMs }: Terms,
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
  while (open.size > 0 && remaining() >= biteMs + recordMs + answerMs) {
    const [name, used] = [...open].reduce((least, next) => (next[1] < least[1] ? next : least));
    const work = openInvocation(() => biteMs, 0);
    const record = openInvocation(() => biteMs + recordMs, 0);
    const started = clock();
    try {
      const { did, more } = await duties[name]({ work: work.signal, record: record.signal });
      report[name] = sum(report[name], did);
      if (work.signal.aborted)
        throw new TransientFailure('out_of_time', 'a bite did not end', { cause: did });
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
  did: Record<string, number>,
): Record<string, number> {
  const total: Record<string, number> = before === 'skipped' ? {} : { ...before };
  for (const [what, count] of Object.entries(did)) total[what] = (total[what] ?? 0) + count;
  return total;
}

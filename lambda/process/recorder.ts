import { TransientFailure } from '../domain/failure.ts';
import { type Attempt, type Commit, commitResults, type JobResult } from '../postgres/images/commit.ts';
import { isPressure } from './database-pressure.ts';
import type { BatchContext } from './dependencies.ts';
import { betweenTriesMs } from './time-budget.ts';
import type { Verdict } from './verdict.ts';

/** Result of the work on an image; the last two fields are not recorded. */
export type Outcome = JobResult & {
  /** Verdict on a released image instead of `again`. */
  back?: Exclude<Verdict, string | { dead: string }> | 'soon' | 'done';
  /** Why the image is dead if this ends it as `failed`. */
  reason?: 'preset_gone';
};

/** Recorded together: what ended in one lane, and what begins there next; at least one of them. */
interface Entry {
  ended?: Outcome;
  begins?: Attempt | undefined;
}

/** Work on `begins` may start only if it has `begun`. */
interface Recorded {
  verdict: Verdict;
  begun: boolean;
}

/**
 * Opens the recorder of a batch. An entry is written at once; entries that arrive during a write share the next one, so
 * that a slow database gets fewer statements, not more.
 * @returns what records an entry. Never rejects: an image that could not be recorded returns to the queue, and its lease
 *   expires.
 */
export function openRecorder(context: BatchContext): (entry: Entry) => Promise<Recorded> {
  let pending: { entry: Entry; resolve(recorded: Recorded): void }[] = [];
  let writing = false;

  async function write(): Promise<void> {
    if (writing) return;
    writing = true;
    while (pending.length > 0) {
      const group = pending;
      pending = [];
      const entries = group.map(({ entry }) => entry);
      const commits = await commitEntries(entries, context);
      if (entries.some(({ ended }) => hasEvent(ended, commits))) context.nudges.send();
      for (const { entry, resolve } of group) resolve(recordedOf(entry, commits, context));
    }
    writing = false;
  }

  return (entry) =>
    new Promise((resolve) => {
      pending.push({ entry, resolve });
      void write();
    });
}

/** Commits entries in one statement. Never throws. @returns the commits by image id; the missing were not written. */
async function commitEntries(entries: readonly Entry[], context: BatchContext): Promise<Map<string, Commit>> {
  try {
    const commits = await commitInTime(entries, context);
    return new Map(commits.map((commit) => [commit.imageId, commit]));
  } catch (error) {
    const { log, metrics, pressure } = context;
    if (isPressure(error) && pressure.breaker.failed(pressure.now())) metrics.add('BreakerOpen', {});
    log.error('The results could not be recorded', { error, entries: entries.length });
    if (error instanceof TransientFailure || entries.length === 1) return new Map();
  }
  // A row that the database never accepts must not keep the others from being recorded.
  const commits = new Map<string, Commit>();
  for (const entry of entries) for (const one of await commitEntries([entry], context)) commits.set(...one);
  return commits;
}

/** Retries until the invocation ends: repeating a commit is safe, and losing one costs a whole decode. */
async function commitInTime(
  entries: readonly Entry[],
  { database, settings, deadline, pressure, log, errors }: BatchContext,
): Promise<Commit[]> {
  const results = entries.flatMap(({ ended }) => ended ?? []);
  const beginning = entries.flatMap(({ begins }) =>
    begins === undefined ? [] : [{ imageId: begins.imageId, attempt: begins.attempt }],
  );
  const terms = { maxAttempts: settings.process.maxAttempts, beginning };
  const signal = deadline.record;
  for (;;) {
    try {
      return await pressure.observe('commit', deadline, () =>
        database.run((connection) => commitResults(connection, results, terms), { signal }),
      );
    } catch (error) {
      errors.push(error);
      if (!(error instanceof TransientFailure) || signal.aborted) throw error;
      log.warn('The commit is tried again', { error });
      await pressure.pause(betweenTriesMs, signal);
      if (signal.aborted) throw error;
    }
  }
}

/** Whether an image reached a final status. */
function hasEvent(ended: Outcome | undefined, commits: ReadonlyMap<string, Commit>): boolean {
  const state = ended && commits.get(ended.imageId)?.state;
  return state === 'failed' || (state === 'written' && ended?.outcome !== 'released');
}

/** Also counts images that ended: one worker holds an attempt, and one response confirms its result. */
function recordedOf(
  { ended, begins }: Entry,
  commits: ReadonlyMap<string, Commit>,
  { log, metrics }: BatchContext,
): Recorded {
  const begun = begins !== undefined && commits.get(begins.imageId)?.state === 'begun';
  if (ended === undefined) return { verdict: 'again', begun };
  const { imageId, attempt } = ended;
  const commit = commits.get(imageId);
  if (commit?.state === 'fenced') log.warn('Fenced off, nothing was written', { imageId });
  if (commit?.state === 'failed') {
    metrics.add('ImagesEnded', { Status: 'failed' });
    const lastError = (ended.outcome === 'released' && ended.error) || 'not known';
    return {
      verdict: { dead: ended.reason ?? 'failed', attempt, failures: commit.failures, lastError },
      begun,
    };
  }
  // The next claim decides on images that were fenced off or not written.
  if (commit?.state !== 'written') return { verdict: 'again', begun };
  if (ended.outcome === 'released') return { verdict: ended.back ?? 'again', begun };
  if (ended.outcome === 'completed') {
    metrics.add('VariantsCompleted', {}, ended.variants.length);
    return { verdict: 'done', begun };
  }
  metrics.add('ImagesEnded', { Status: ended.outcome });
  if (ended.outcome === 'ready' && ended.pending !== undefined)
    metrics.add('VariantsDeferred', {}, ended.pending.length);
  return { verdict: 'done', begun };
}

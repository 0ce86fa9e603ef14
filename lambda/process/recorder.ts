import type { Commit } from '../postgres/images/commit.ts';
import { commitEntries } from './commit-entries.ts';
import type { Surroundings } from './dependencies.ts';
import type { Entry, Outcome } from './outcome.ts';
import type { Verdict } from './verdict.ts';

/** What became of it. Work on `begins` may start where it has `begun`. */
export interface Recorded {
  verdict: Verdict;
  begun: boolean;
}

/** Writes down what the lanes of a batch come to. */
export interface Recorder {
  /**
   * Resolves when the entry is in the database. Never rejects: what could not be recorded goes back to the queue,
   * and its lease ends by itself.
   */
  record(entry: Entry): Promise<Recorded>;
}

interface Pending {
  entry: Entry;
  resolve(recorded: Recorded): void;
}

/**
 * Opens the recorder of a batch. Each entry is written at once; what comes while a write is under way is written
 * together in the next one, so that a slow database has fewer statements and not more.
 */
export function openRecorder(surroundings: Surroundings): Recorder {
  let pending: Pending[] = [];
  let writing = false;

  async function write(): Promise<void> {
    if (writing) return;
    writing = true;
    while (pending.length > 0) {
      const group = pending;
      pending = [];
      const commits = await commitEntries(
        group.map(({ entry }) => entry),
        surroundings,
      );
      for (const { entry, resolve } of group) resolve(recordedOf(entry, commits, surroundings));
    }
    writing = false;
  }

  return {
    record: (entry) =>
      new Promise((resolve) => {
        pending.push({ entry, resolve });
        void write();
      }),
  };
}

function recordedOf(
  { ended, begins }: Entry,
  commits: ReadonlyMap<string, Commit>,
  { log }: Surroundings,
): Recorded {
  const begun = begins !== undefined && commits.get(begins.imageId)?.state === 'begun';
  if (ended === undefined) return { verdict: 'again', begun };
  const { result, verdict } = ended;
  const commit = commits.get(result.imageId);
  if (commit?.state === 'superseded')
    log.warn('Superseded, nothing was written', { imageId: result.imageId });
  if (commit?.state === 'failed') return { verdict: deadBy(ended, commit.failures), begun };
  // What was superseded or not written is sorted out by the next claim.
  return { verdict: commit?.state === 'written' ? verdict : 'again', begun };
}

function deadBy({ result, reason = 'failed' }: Outcome, failures: number): Verdict {
  const lastError = (result.outcome === 'released' && result.error) || 'not known';
  return { dead: { reason, attempt: result.attempt, failures, lastError } };
}

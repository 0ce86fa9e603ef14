import { setTimeout as sleep } from 'node:timers/promises';
import { TransientFailure } from '../domain/failure.ts';
import { type Commit, commitResults } from '../postgres/images/commit.ts';
import type { Surroundings } from './dependencies.ts';
import type { Entry } from './outcome.ts';
import { betweenTriesMs } from './time-budget.ts';

/** Commits entries in one statement, and answers by the id of the image. Never throws; what is absent was not written. */
export async function commitEntries(
  entries: readonly Entry[],
  surroundings: Surroundings,
): Promise<Map<string, Commit>> {
  const { log } = surroundings;
  try {
    const commits = await commitInTime(entries, surroundings);
    return new Map(commits.map((commit) => [commit.imageId, commit]));
  } catch (error) {
    log.error('The results could not be recorded', { error, entries: entries.length });
    if (error instanceof TransientFailure || entries.length === 1) return new Map();
  }
  // A row that the database will never take must not keep the others from being recorded.
  const commits = new Map<string, Commit>();
  for (const entry of entries)
    for (const [id, commit] of await commitEntries([entry], surroundings)) commits.set(id, commit);
  return commits;
}

/** Tries for as long as the invocation lasts: repeating a commit is safe, and losing one costs a whole decode. */
async function commitInTime(
  entries: readonly Entry[],
  { database, settings, deadline, log }: Surroundings,
): Promise<Commit[]> {
  const results = entries.flatMap(({ ended }) => (ended === undefined ? [] : [ended.result]));
  const beginning = entries.flatMap(({ begins }) =>
    begins === undefined ? [] : [{ imageId: begins.imageId, attempt: begins.attempt }],
  );
  const terms = { maxAttempts: settings.process.maxAttempts, beginning };
  const signal = deadline.record;
  for (;;) {
    try {
      return await database.run((connection) => commitResults(connection, results, terms), { signal });
    } catch (error) {
      if (!(error instanceof TransientFailure) || signal.aborted) throw error;
      log.warn('The commit is tried again', { error });
      await sleep(betweenTriesMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) throw error;
    }
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { TransientFailure } from '../domain/failure.ts';
import { type Commit, commitResults, type JobResult } from '../postgres/commit.ts';
import type { Surroundings } from './dependencies.ts';
import type { Outcome } from './job.ts';
import type { Verdict } from './verdict.ts';

/** Kept back from the commit for the answer, in milliseconds. */
const answerMs = 1_000;
const betweenTriesMs = 500;

/**
 * Records what a batch came to, in one statement, and gives the verdict of each image by its id. Never throws:
 * what could not be recorded goes back to the queue, and its lease ends by itself.
 */
export async function settle(
  outcomes: readonly Outcome[],
  surroundings: Surroundings,
): Promise<Map<string, Verdict>> {
  const { log } = surroundings;
  const commits = new Map<string, Commit['state']>();
  for (const { imageId, state } of await commitAll(outcomes, surroundings)) commits.set(imageId, state);
  const verdicts = new Map<string, Verdict>();
  for (const { result, verdict } of outcomes) {
    const state = commits.get(result.imageId);
    if (state === 'superseded') log.warn('Superseded, nothing was written', { imageId: result.imageId });
    // What was superseded or not written is sorted out by the next claim.
    verdicts.set(result.imageId, state === 'written' ? verdict : state === 'failed' ? 'dead' : 'again');
  }
  return verdicts;
}

async function commitAll(outcomes: readonly Outcome[], surroundings: Surroundings): Promise<Commit[]> {
  const { log } = surroundings;
  const results = outcomes.map(({ result }) => result);
  if (results.length === 0) return [];
  try {
    return await commitInTime(results, surroundings);
  } catch (error) {
    log.error('The results could not be recorded', { error, images: results.length });
    // A row that the database will never take must not keep the others of its batch from being recorded.
    if (error instanceof TransientFailure || results.length === 1) return [];
  }
  const commits: Commit[] = [];
  for (const outcome of outcomes) commits.push(...(await commitAll([outcome], surroundings)));
  return commits;
}

/** Tries for as long as the invocation lasts: repeating a commit is safe, and losing one costs a whole decode. */
async function commitInTime(
  results: readonly JobResult[],
  { database, settings, deadline, log }: Surroundings,
): Promise<Commit[]> {
  const { maxAttempts } = settings.process;
  for (;;) {
    const signal = AbortSignal.timeout(Math.max(1, deadline.remaining() - answerMs));
    try {
      return await database.run((connection) => commitResults(connection, results, { maxAttempts }), {
        signal,
      });
    } catch (error) {
      const left = deadline.remaining() - answerMs - betweenTriesMs;
      if (!(error instanceof TransientFailure) || left <= 0) throw error;
      log.warn('The commit is tried again', { error });
      await sleep(betweenTriesMs);
    }
  }
}

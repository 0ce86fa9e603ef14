import { setTimeout as sleep } from 'node:timers/promises';
import { TransientFailure } from '../domain/failure.ts';
import type { Dependencies } from './dependencies.ts';
import type { Result } from './read-messages.ts';
import { type SettledBatch, settle } from './settle.ts';

/** Times that a batch is tried to be recorded in an invocation. */
const mostTries = 3;
/** Longest pause after the first try, which doubles: a dead-lock or a lost connection is over at once. */
const pauseMs = 250;

/**
 * Records results, again after a passing failure: a batch that returns to the queue comes after two minutes, and meanwhile its
 * deliveries take places of their endpoints. A repetition records nothing twice, whatever became of the commit before.
 * @param signal ends the tries
 */
export async function settleInTime(
  results: readonly Result[],
  dependencies: Dependencies,
  signal: AbortSignal,
): Promise<SettledBatch> {
  const { log, random } = dependencies;
  for (let tries = 1; ; tries += 1) {
    try {
      return await settle(results, dependencies, signal);
    } catch (error) {
      if (!(error instanceof TransientFailure) || tries === mostTries || signal.aborted) throw error;
      const { code } = error;
      log.warn('Results are recorded again', { code, tries });
      const pause = random() * pauseMs * 2 ** (tries - 1);
      await sleep(pause, undefined, { signal }).catch(() => {
        throw error;
      });
    }
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { TransientFailure } from '../domain/failure.ts';
import { openBreaker } from '../policy/breaker.ts';
import { openConcurrency, type Statement } from '../policy/concurrency.ts';
import type { Deadline } from './deadline.ts';

/** Waits; returns early when the signal aborts. */
type Pause = (ms: number, signal: AbortSignal) => Promise<void>;

const waitFor: Pause = (ms, signal) =>
  sleep(ms, undefined, { signal }).then(
    () => undefined,
    () => undefined,
  );

/** True if the database is unavailable or too slow, and the statement not at fault. */
export function isPressure(error: unknown): boolean {
  return (
    error instanceof TransientFailure &&
    (error.code === 'database_unavailable' || error.code === 'statement_timeout')
  );
}

/**
 * What an environment has learnt of the database from its statements, for all of its invocations.
 * @param options for tests; by default the real clock, randomness and waiting.
 */
export function openDatabasePressure({
  random = Math.random,
  now = () => performance.now(),
  pause = waitFor,
}: {
  random?: (() => number) | undefined;
  now?: () => number;
  pause?: Pause;
} = {}) {
  const breaker = openBreaker(random);
  const concurrency = openConcurrency();
  return {
    breaker,
    concurrency,
    now,
    pause,
    /** Runs a statement, after a rest if the database is slow, and learns from it. */
    async observe<Result>(
      kind: Statement,
      deadline: Pick<Deadline, 'forWork' | 'work' | 'record'>,
      run: () => Promise<Result>,
    ): Promise<Result> {
      const rest = concurrency.restMs();
      if (rest > 0 && rest < deadline.forWork()) await pause(rest, deadline.work);
      const began = now();
      try {
        const result = await run();
        concurrency.succeeded(kind, now() - began, now());
        breaker.succeeded();
        return result;
      } catch (error) {
        if (!isPressure(error)) breaker.succeeded();
        // Not for each probe of an outage, nor for a statement that the end of the invocation cut off.
        else if (!breaker.open && !deadline.record.aborted) concurrency.failed(now());
        throw error;
      }
    },
  };
}

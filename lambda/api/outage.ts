import { TransientFailure } from '../domain/failure.ts';
import type { Database } from '../postgres/connection/connection.ts';

/** Failures that take this long mean a silent server; a refusal takes milliseconds. */
const silentAfterMs = 1_000;
/** Half of Retry-After, so that compliant clients never meet a remembered outage that is over. */
const rememberedMs = 5_000;

/** Remembers a database outage: requests that wait for a connection would hold all executions and throttle /health. */
export function rememberOutages(database: Database, now: () => number = Date.now): Database {
  let outage: { failure: TransientFailure; until: number } | undefined;

  async function remembering<Result>(work: () => Promise<Result>): Promise<Result> {
    if (outage !== undefined && now() < outage.until) throw outage.failure;
    const started = now();
    try {
      const result = await work();
      outage = undefined;
      return result;
    } catch (error) {
      if (
        error instanceof TransientFailure &&
        error.code === 'database_unavailable' &&
        now() - started >= silentAfterMs
      )
        outage = { failure: error, until: now() + rememberedMs };
      throw error;
    }
  }

  return {
    ...database,
    run: (work, options) => remembering(() => database.run(work, options)),
    transaction: (work, options) => remembering(() => database.transaction(work, options)),
  };
}

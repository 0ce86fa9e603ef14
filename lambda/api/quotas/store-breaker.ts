import { TransientFailure } from '../../domain/failure.ts';
import type { QuotaStore } from '../../domain/quota-store.ts';
import { openBreaker } from '../../policy/breaker.ts';

/**
 * A store behind a circuit breaker: while it is away, requests do not wait for it. One at a time tries it again, after
 * 0.25 to 4 s. @param now milliseconds
 */
export function guardStore(store: QuotaStore, now: () => number, random: () => number): QuotaStore {
  const breaker = openBreaker(random);
  let probing = false;

  async function guarded<Result>(work: () => Promise<Result>): Promise<Result> {
    const isProbe = breaker.open;
    if (isProbe && (probing || breaker.waitMs(now()) > 0))
      throw new TransientFailure('counters_unavailable', 'they did not respond a moment ago');
    probing ||= isProbe;
    try {
      const result = await work();
      breaker.succeeded();
      return result;
    } catch (error) {
      if (isAway(error)) breaker.failed(now());
      throw error;
    } finally {
      if (isProbe) probing = false;
    }
  }

  return {
    lease: (request, signal) => guarded(() => store.lease(request, signal)),
    giveBack: (rests, signal) => guarded(() => store.giveBack(rests, signal)),
  };
}

/** True if the counters did not respond, and Postgres is not known to be away. */
export function isAway(error: unknown): boolean {
  return error instanceof TransientFailure && error.code === 'counters_unavailable';
}

/**
 * The circuit breaker of one environment. It opens with the first failure. Then one probe at a time is allowed (half-open),
 * at most `probeEveryMs` after the last one failed; a success closes it.
 */
export interface Breaker {
  readonly open: boolean;
  /** Milliseconds until the next probe; 0 if one is due or the breaker is closed. */
  waitMs(now: number): number;
  /** @returns true if this opened it. */
  failed(now: number): boolean;
  succeeded(): void;
}

const firstProbeMs = 500;
/** With a connect that times out after 5 s, an end of the outage is noticed within 9 s. */
export const probeEveryMs = 4_000;

/**
 * @param random from 0 to 1, 1 excluded: the probes of all environments are spread over half of the wait, so that a
 *   database that recovers does not meet all at once
 */
export function openBreaker(random: () => number): Breaker {
  let failures = 0;
  let failedAt = 0;
  let wait = 0;
  return {
    get open() {
      return failures > 0;
    },
    waitMs: (now) => (failures === 0 ? 0 : Math.max(0, failedAt + wait - now)),
    failed(now) {
      failures += 1;
      failedAt = now;
      wait = Math.min(probeEveryMs, firstProbeMs * 2 ** (failures - 1)) * (0.5 + random() / 2);
      return failures === 1;
    },
    succeeded() {
      failures = 0;
    },
  };
}

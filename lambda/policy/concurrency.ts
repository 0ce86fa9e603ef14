/**
 * The effective concurrency of one environment below its cap, as a share of the usual: additive increase with each
 * statement that was as fast as usual, multiplicative decrease with one that was slow or failed.
 */
export interface Concurrency {
  /** From `least` to 1. */
  readonly share: number;
  /** Images of `count` that may be claimed now, at least 1. */
  admitted(count: number): number;
  /** Jobs of `most` that may be in progress together, at least 1. */
  lanes(most: number): number;
  /** Seconds over which the return of images that were not admitted is spread. */
  spreadSeconds(): number;
  /** Milliseconds until the next statement, so that statements take no more than `share` of the time. */
  restMs(): number;
  /** A statement succeeded. @param ms its duration, with the connect */
  succeeded(kind: Statement, ms: number, now: number): void;
  /** A statement failed for want of the database: unavailable, no connection left, timed out. */
  failed(now: number): void;
}
export type Statement = 'claim' | 'commit';

/**
 * A message is admitted with at least this probability each time that it is received, so that hardly any of them
 * (0.8^100 = 2e-10) uses up a hundred receives.
 */
const least = 0.2;
const increase = 0.1;
const decrease = 0.5;
/** Statements of one moment are slow together and count once. */
const decreaseEveryMs = 1_000;
/** Slow is more than this multiple of the baseline. */
const slowFactor = 4;
/** Bounds of the baseline: less is noise, and more is slow in an environment that has known nothing else. */
const baselineMs = { least: 25, most: 250 } as const;
/** The baseline follows faster statements by half of the difference, slower ones by so much a statement. */
const drift = 1.002;
const longestRestMs = 2_000;
const longestSpreadSeconds = 10;

export function openConcurrency(): Concurrency {
  let share = 1;
  let lastMs = 0;
  let decreasedAt = Number.NEGATIVE_INFINITY;
  const baselines = new Map<Statement, number>();

  function lower(now: number): void {
    if (now - decreasedAt < decreaseEveryMs) return;
    decreasedAt = now;
    share = Math.max(least, share * decrease);
  }

  return {
    get share() {
      return share;
    },
    // Rounded first, because tenths do not add up to 1 exactly.
    admitted: (count) => Math.max(1, Math.ceil(Number((count * share).toFixed(6)))),
    lanes: (most) => Math.max(1, Math.round(most * share)),
    spreadSeconds: () => Math.min(longestSpreadSeconds, 2 / share),
    restMs: () => Math.min(longestRestMs, lastMs * (1 / share - 1)),
    succeeded(kind, ms, now) {
      lastMs = ms;
      const known = baselines.get(kind) ?? ms;
      const baseline = Math.min(baselineMs.most, Math.max(baselineMs.least, known));
      baselines.set(kind, ms < known ? (known + ms) / 2 : Math.min(ms, known * drift));
      if (ms > slowFactor * baseline) lower(now);
      else share = Math.min(1, share + increase);
    },
    failed: lower,
  };
}

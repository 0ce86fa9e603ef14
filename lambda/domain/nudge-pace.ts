/**
 * Least time between two nudges of an environment that are sent at once, in milliseconds. An event that waits for a delayed
 * one is seen a second later, and a webhook is promised within a second.
 */
const intervalMs = 250;
/** The least delay of a message. */
const delayMs = 1_000;

/**
 * Decides about the nudges of one environment: at most four a second at once and one with a delay, and each event has one
 * that comes after it within a second.
 */
export interface NudgePace {
  /**
   * An event has been written. @returns the delay of the nudge to send in seconds; undefined if one that was sent with a
   * delay will arrive later than this.
   */
  next(): 0 | 1 | undefined;
  /** The last nudge was not sent. */
  forget(): void;
}

/** @param clock milliseconds */
export function openNudgePace(clock: () => number): NudgePace {
  let sent = Number.NEGATIVE_INFINITY;
  /** When the last delayed one arrives. */
  let arrives = Number.NEGATIVE_INFINITY;
  return {
    next() {
      const now = clock();
      if (now - sent >= intervalMs) {
        sent = now;
        return 0;
      }
      if (arrives > now) return undefined;
      arrives = now + delayMs;
      return 1;
    },
    forget() {
      sent = Number.NEGATIVE_INFINITY;
      arrives = Number.NEGATIVE_INFINITY;
    },
  };
}

/** Least time between two nudges of an environment, in milliseconds: the least delay of a message. */
const intervalMs = 1_000;

/** Decides about the nudges of one environment: at most one a second, and each event has one that comes after it. */
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
  /** When the last nudge arrives. */
  let arrives = Number.NEGATIVE_INFINITY;
  return {
    next() {
      const now = clock();
      if (arrives > now) return undefined;
      const delay = now - arrives >= intervalMs ? 0 : 1;
      arrives = now + delay * intervalMs;
      return delay;
    },
    forget() {
      arrives = Number.NEGATIVE_INFINITY;
    },
  };
}

/** Ages of the oldest waiting work, in seconds, at which workers begin and stop to make only the cheapest variants. */
export interface BrownOutTerms {
  enabled: boolean;
  enterSeconds: number;
  leaveSeconds: number;
}

export interface BrownOut {
  /** Whether only the cheapest variants are made. */
  readonly active: boolean;
  /** Notes the age in seconds of the oldest waiting work. @returns the change, if any. */
  observe(oldestSeconds: number): 'entered' | 'left' | undefined;
}

/** An environment that was frozen for longer knows nothing of the backlog. */
const forgottenAfterMs = 5 * 60_000;

/**
 * An environment's view of the backlog, with hysteresis: between the two ages it keeps its state, so that work does not
 * alternate between both ways. A new environment begins without a brown-out.
 * @param now milliseconds
 */
export function openBrownOut(
  { enabled, enterSeconds, leaveSeconds }: BrownOutTerms,
  now: () => number,
): BrownOut {
  let active = false;
  let observedAt = Number.NEGATIVE_INFINITY;
  return {
    get active() {
      return active;
    },
    observe(oldestSeconds) {
      const isForgotten = now() - observedAt > forgottenAfterMs;
      observedAt = now();
      const before = active;
      const threshold = active && !isForgotten ? leaveSeconds : enterSeconds;
      active = enabled && (active && !isForgotten ? oldestSeconds > threshold : oldestSeconds >= threshold);
      if (active === before) return undefined;
      return active ? 'entered' : 'left';
    },
  };
}

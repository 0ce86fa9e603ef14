/** Less than the minute after which the schedule invokes the relay in any case. */
const longestPauseSeconds = 45;

/** Seconds until a sink that was away in so many runs in a row is tried again: 1, 2, 4 … 45. */
export function relayPauseSeconds(stalls: number): number {
  return Math.min(longestPauseSeconds, 2 ** Math.max(0, stalls - 1));
}

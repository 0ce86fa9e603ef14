import { longestRetryAfterSeconds } from '../../domain/retry-after.ts';
import type { CallOutcome, Ending } from '../../domain/webhook.ts';

/** Longest pause after the first failed attempt and after any; the ceilings double in between. */
export const pauses = { firstSeconds: 5, longestSeconds: 10_800 } as const;
/** No pause is shorter, in seconds. */
const leastSeconds = 1;

/**
 * Seconds until the next attempt of a delivery: up to 5, 10, 20 … 10,800, with full jitter, so that the deliveries of an
 * outage do not return together; never before the receiver's Retry-After, of which an hour counts at most.
 * @param attempt the attempt that failed, from 1 on
 * @param random from 0 to 1, 1 excluded
 */
export function retryPause(attempt: number, random: () => number, retryAfterSeconds = 0): number {
  const doublings = Math.min(30, Math.max(0, attempt - 1));
  const ceiling = Math.min(pauses.longestSeconds, pauses.firstSeconds * 2 ** doublings);
  return Math.max(leastSeconds, retryAfterSeconds, random() * ceiling);
}

/**
 * Seconds of a Retry-After: a number, or a date (RFC 9110, 10.2.3). An hour at most; 0 for anything else.
 * @param now milliseconds since the epoch
 */
export function readRetryAfter(header: string | undefined, now: number): number {
  const text = header?.trim() ?? '';
  const seconds = /^\d{1,10}$/.test(text) ? Number(text) : (Date.parse(text) - now) / 1000;
  // Text that is no date is NaN.
  return seconds > 0 ? Math.min(longestRetryAfterSeconds, seconds) : 0;
}

/** Redirects are failures: they would lead to an address that nobody has checked. */
export function endingOf(outcome: CallOutcome): Ending {
  if (outcome.kind === 'stale') return 'stale';
  if (outcome.kind === 'fault') return 'failed';
  if (outcome.status === 410) return 'gone';
  return outcome.status >= 200 && outcome.status < 300 ? 'delivered' : 'failed';
}

import type { DrainInterval } from '../../domain/backlog.ts';

/** Seconds over which the rate forgets: a change is known by two thirds after this, and the noise of batches stays small. */
const memorySeconds = 20;
/** Of the prior: a rate of zero would make every waiting time infinite. */
const least = 0.02;
/**
 * An interval is longer than this if nobody asked, or nobody could. In an outage of the database nothing ends either, which
 * says nothing of the workers: a restart of 20 seconds would make the rate a third. So a long interval with less than this
 * part of the rate before it does not count; if the workers have become so slow, the short ones that follow show it.
 */
const outage = { seconds: 5, part: 0.5 };

/**
 * The drain rate in units of work per second, smoothed exponentially over the time in which work was waiting.
 * @param ended the latest interval last; idle time is in none, so the rate of the last campaign remains.
 * @param prior the rate before anything was measured; it loses its weight as intervals are measured.
 */
export function drainRate(ended: readonly Omit<DrainInterval, 'at'>[], prior: number): number {
  let rate = prior;
  for (const { seconds, work } of ended) {
    const one = seconds > 0 ? work / seconds : 0;
    if (seconds > outage.seconds && one < outage.part * rate) continue;
    rate += (1 - Math.exp(-seconds / memorySeconds)) * (one - rate);
  }
  return Math.max(least * prior, rate);
}

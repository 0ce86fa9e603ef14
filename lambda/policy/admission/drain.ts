import type { DrainInterval } from '../../domain/backlog.ts';

/** Seconds over which the rate forgets: a change is known by two thirds after this, and the noise of batches stays small. */
const memorySeconds = 20;
/** Of the prior: a rate of zero would make every waiting time infinite. */
const least = 0.02;

/**
 * The drain rate in units of work per second, smoothed exponentially over the time in which work was waiting.
 * @param ended the latest interval last; idle time is in none, so the rate of the last campaign remains.
 * @param prior the rate before anything was measured; it loses its weight as intervals are measured.
 */
export function drainRate(ended: readonly Omit<DrainInterval, 'at'>[], prior: number): number {
  let age = 0;
  let work = 0;
  let weights = 0;
  for (const { seconds, work: done } of ended.toReversed()) {
    const weight = Math.exp(-age / memorySeconds) * (1 - Math.exp(-seconds / memorySeconds));
    weights += weight;
    if (seconds > 0) work += weight * (done / seconds);
    age += seconds;
  }
  return Math.max(least * prior, work + (1 - weights) * prior);
}

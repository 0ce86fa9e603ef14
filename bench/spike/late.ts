import type { Sample } from './result.ts';

/** Seconds since the start of the run. */
export interface Span {
  from: number;
  to: number;
}

/**
 * When work that was accepted at `from` became late: the objective after that, without the time in which the database or the
 * storage was away. Undefined if it ended before.
 */
export function lateAt(
  { from, to }: { from: number; to?: number | undefined },
  objective: number,
  away: readonly Span[],
): number | undefined {
  let due = from + objective;
  for (const fault of away.toSorted((a, b) => a.from - b.from))
    if (fault.from < due && fault.to > from) due += fault.to - Math.max(from, fault.from);
  return to !== undefined && to <= due ? undefined : due;
}

/** Adds how many images were late at each sample. @param times at which they became late */
export function addLate(samples: readonly Sample[], times: readonly number[]): Sample[] {
  const sorted = times.toSorted((a, b) => a - b);
  let late = 0;
  return samples.map((sample) => {
    while ((sorted[late] ?? Number.POSITIVE_INFINITY) <= sample.at) late++;
    return { ...sample, late };
  });
}

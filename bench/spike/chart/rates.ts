import type { Bar } from '../../../lib/chart/series.ts';
import type { Sample } from '../result.ts';

/** Per-second rates of a cumulative count, in bins of so many seconds. */
export function ratesOf(samples: readonly Sample[], count: (sample: Sample) => number, bin: number): Bar[] {
  const bars: Bar[] = [];
  let before = 0;
  let latest = 0;
  let from = 0;
  for (const sample of samples) {
    for (; sample.at >= from + bin; from += bin) {
      bars.push({ from, to: from + bin, value: (latest - before) / bin });
      before = latest;
    }
    latest = Math.max(latest, count(sample));
  }
  if (latest > before) bars.push({ from, to: from + bin, value: (latest - before) / bin });
  return bars;
}

/** The greatest sum of the bars that begin together. */
export function highest(...series: readonly (readonly Bar[])[]): number {
  const sums = new Map<number, number>();
  for (const { from, value } of series.flat()) sums.set(from, (sums.get(from) ?? 0) + value);
  return Math.max(0, ...sums.values());
}

import { compact } from '../../../lib/chart/formats.ts';

/** A domain of logarithms (base 10) with some room; of a tenfold at least. */
export function rangeOf(logarithms: readonly number[]): readonly [number, number] {
  if (logarithms.length === 0) return [0, 1];
  const [least, greatest] = [Math.min(...logarithms), Math.max(...logarithms)];
  const room = Math.max(0.06, (1 - (greatest - least)) / 2);
  return [least - room, greatest + room];
}

/** 1, 2 and 5 of each power of ten within a domain of logarithms; only 1 where there would be too many. */
export function logTicks([from = 0, to = 1]: readonly number[]): { value: number; label: string }[] {
  const steps = to - from > 2.2 ? [1] : [1, 2, 5];
  const ticks = [];
  for (let power = Math.floor(from); power <= to; power++)
    for (const step of steps) {
      const value = power + Math.log10(step);
      if (value >= from && value <= to) ticks.push({ value, label: compact(step * 10 ** power) });
    }
  return ticks;
}

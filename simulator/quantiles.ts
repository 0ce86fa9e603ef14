/*
 * Nearest rank: the least value that at least this part of the values does not exceed. The spike and the simulator use the
 * same definition, because they are compared.
 */

export interface Quantiles {
  count: number;
  p50: number;
  p95: number;
  p99: number;
  max: number;
}

/** The lower one of the two in the middle. NaN of nothing. */
export function median(numbers: readonly number[]): number {
  return quantile(numbers, 0.5);
}

/** @param part from 0 to 1. @returns NaN of nothing */
export function quantile(numbers: readonly number[], part: number): number {
  return at(sorted(numbers), part);
}

/** All zero for no numbers, so that the result is JSON. */
export function quantilesOf(numbers: readonly number[]): Quantiles {
  if (numbers.length === 0) return { count: 0, p50: 0, p95: 0, p99: 0, max: 0 };
  const all = sorted(numbers);
  return { count: all.length, p50: at(all, 0.5), p95: at(all, 0.95), p99: at(all, 0.99), max: at(all, 1) };
}

function sorted(numbers: readonly number[]): Float64Array {
  return Float64Array.from(numbers).sort();
}
function at(all: Float64Array, part: number): number {
  return all[Math.max(0, Math.ceil(part * all.length) - 1)] ?? Number.NaN;
}

import type { Quantiles } from './result.ts';

/** Nearest rank. Zeros if there are no values. */
export function quantiles(values: readonly number[]): Quantiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part: number) => rounded(sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? 0);
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}

export function median(values: readonly number[]): number {
  return quantiles(values).p50;
}

/** To thousandths, so that the file stays small. */
export function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

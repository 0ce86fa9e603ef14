import { type Quantiles, quantilesOf } from '../../simulator/quantiles.ts';

/** To thousandths, so that the file of the result stays small. */
export function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

export function roundedQuantiles(values: readonly number[]): Quantiles {
  const { count, p50, p95, p99, max } = quantilesOf(values);
  return { count, p50: rounded(p50), p95: rounded(p95), p99: rounded(p99), max: rounded(max) };
}

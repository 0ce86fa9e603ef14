import { describe, expect, it } from 'vitest';
import { roundedQuantiles } from '../../../bench/spike/rounded.ts';
import { median, quantile, quantilesOf } from '../../../simulator/quantiles.ts';

const upTo = (count: number) => Array.from({ length: count }, (_, index) => count - index);

describe('quantiles by nearest rank', () => {
  it.each([
    [1, { count: 1, p50: 1, p95: 1, p99: 1, max: 1 }],
    [2, { count: 2, p50: 1, p95: 2, p99: 2, max: 2 }],
    [20, { count: 20, p50: 10, p95: 19, p99: 20, max: 20 }],
    [100, { count: 100, p50: 50, p95: 95, p99: 99, max: 100 }],
    [101, { count: 101, p50: 51, p95: 96, p99: 100, max: 101 }],
  ])('of 1 to %i', (count, all) => {
    expect(quantilesOf(upTo(count))).toEqual(all);
  });

  it('are values and not between two; the median is the lower one in the middle', () => {
    expect(median([4, 1, 3, 2])).toBe(2);
    expect(quantile([10, 20], 0)).toBe(10);
    expect(quantile([10, 20], 1)).toBe(20);
  });

  it('of nothing are NaN, and zeros where they are written to a file', () => {
    expect(median([])).toBeNaN();
    expect(quantilesOf([])).toEqual({ count: 0, p50: 0, p95: 0, p99: 0, max: 0 });
  });

  it('of the spike are the same, to thousandths', () => {
    expect(roundedQuantiles([0.12345, 7.7777])).toEqual({
      ...{ count: 2, p50: 0.123, p95: 7.778, p99: 7.778, max: 7.778 },
    });
  });
});

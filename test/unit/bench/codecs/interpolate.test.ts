import { describe, expect, it } from 'vitest';
import { atScore, type Rung } from '../../../../bench/codecs/analysis/interpolate.ts';

const rungs = (...scores: number[]): Rung[] =>
  scores.map((score, at) => ({ level: 10 * (at + 1), score, bytes: 1000 * 4 ** at, cpuMs: 10 * 9 ** at }));

describe('what a ladder takes for a score', () => {
  it('is interpolated between the neighbours: bytes and CPU by their logarithms, the level linearly', () => {
    const found = atScore(rungs(50, 70, 90), 60);
    expect(found?.level).toBeCloseTo(15);
    expect(found?.bytes).toBeCloseTo(2000);
    expect(found?.cpuMs).toBeCloseTo(30);
    expect(found).not.toHaveProperty('better');
  });

  it('is that of a level which has the score', () => {
    const found = atScore(rungs(50, 70, 90), 70);
    expect(found?.level).toBe(20);
    expect(found?.bytes).toBeCloseTo(4000);
    expect(atScore(rungs(70, 90), 70)).toEqual({ level: 10, bytes: 1000, cpuMs: 10 });
  });

  it('does not depend on the order of the levels', () => {
    expect(atScore(rungs(50, 70, 90).reverse(), 63)).toEqual(atScore(rungs(50, 70, 90), 63));
  });

  it('is undefined where no level reaches the score, and for no levels', () => {
    expect(atScore(rungs(50, 69.9), 70)).toBeUndefined();
    expect(atScore([], 70)).toBeUndefined();
  });

  it('is that of the cheapest level, and marked, where all are better than asked', () => {
    const palette: Rung[] = [
      { level: 16, score: 91, bytes: 900, cpuMs: 5 },
      { level: 64, score: 95, bytes: 800, cpuMs: 6 },
    ];
    expect(atScore(palette, 70)).toEqual({ level: 64, bytes: 800, cpuMs: 6, better: true });
  });

  it('passes each score once where scores fall with quality', () => {
    // 72 and 68 are pooled to 70, so 60 lies between the first and the pool, and 80 between the pool and the last.
    const uneven = rungs(50, 72, 68, 90);
    expect(atScore(uneven, 60)?.level).toBeCloseTo(15);
    expect(atScore(uneven, 80)?.level).toBeCloseTo(35);
    const levels = [55, 60, 65, 69, 70, 71, 80, 89].map(
      (score) => atScore(uneven, score)?.level ?? Number.NaN,
    );
    expect(levels).toEqual(levels.toSorted((a, b) => a - b));
  });

  it('pools several levels in a row that fall', () => {
    // 80, 75 and 55 are pooled to 70.
    expect(atScore(rungs(50, 80, 75, 55, 90), 60)?.level).toBeCloseTo(15);
    expect(atScore(rungs(80, 75, 55), 70)).toMatchObject({ level: 10 });
    expect(atScore(rungs(80, 75, 55), 71)).toBeUndefined();
  });
});

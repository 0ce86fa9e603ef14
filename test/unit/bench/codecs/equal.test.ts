import { describe, expect, it } from 'vitest';
import { equalScores } from '../../../../bench/codecs/analysis/equal.ts';
import { quartiles } from '../../../../bench/codecs/analysis/quartiles.ts';
import type { Measured } from '../../../../bench/codecs/samples.ts';
import { ladder, picture } from './made-up.ts';

function at(measured: Measured[], setting: string, score: number, kind = 'photo') {
  return equalScores(measured).find(
    (one) => one.setting === setting && one.score === score && one.kind === kind,
  );
}

describe('settings at equal scores', () => {
  it('are compared with WebP effort 4 on each picture by itself, whatever its size', () => {
    const measured = [1, 100].map((scale) =>
      picture(
        'photo',
        [
          ...ladder('webp-4', { bytes: 1000 * scale, cpuMs: 100 * scale }),
          ...ladder('avif-0-420', { bytes: 800 * scale, cpuMs: 75 * scale }),
        ],
        `${scale}`,
      ),
    );
    const found = at(measured, 'avif-0-420', 70);
    expect(found).toMatchObject({ pictures: 2, reached: 2, better: 0 });
    expect(found?.bytesRatio?.median).toBeCloseTo(0.8);
    expect(found?.bytesRatio?.upper).toBeCloseTo(0.8);
    expect(found?.cpuRatio?.median).toBeCloseTo(0.75);
  });

  it('take the level that has the score, not the level of the other', () => {
    // The score of every level is 5 lower: half a doubling more of bytes.
    const samples = [
      ...ladder('webp-4', { bytes: 1000, cpuMs: 100 }),
      ...ladder('jpeg-420', { bytes: 1000, cpuMs: 10, from: 45, levels: 5 }),
    ];
    const found = at([picture('photo', samples)], 'jpeg-420', 70);
    expect(found?.bytesRatio?.median).toBeCloseTo(Math.SQRT2);
    expect(found?.level).toBeCloseTo(3.5);
  });

  it('leave a picture out that does not reach the score, and say so', () => {
    const measured = [40, 60].map((from) =>
      picture(
        'text',
        [
          ...ladder('webp-4', { bytes: 1000, cpuMs: 100 }),
          ...ladder('jpeg-420', { bytes: 500, cpuMs: 10, from, levels: 3 }),
        ],
        `${from}`,
      ),
    );
    expect(at(measured, 'jpeg-420', 80, 'text')).toMatchObject({ pictures: 2, reached: 1, compared: 1 });
    expect(at(measured, 'jpeg-420', 60, 'text')).toMatchObject({ pictures: 2, reached: 2 });
  });

  it('have no ratio where WebP effort 4 does not reach the score', () => {
    const samples = [
      ...ladder('webp-4', { bytes: 1000, cpuMs: 100, levels: 2 }),
      ...ladder('png', { bytes: 5000, cpuMs: 10, from: 100, levels: 1 }),
    ];
    const found = at([picture('logo', samples)], 'png', 80, 'logo');
    expect(found).toMatchObject({ reached: 1, compared: 0, better: 1, bytes: 5000 });
    expect(found).not.toHaveProperty('bytesRatio');
  });

  it('are compared by the second judge at the distance that WebP effort 4 has at the score', () => {
    const webp = ladder('webp-4', { bytes: 1000, cpuMs: 100 });
    // The first judge likes it as much at the same level, the second only two levels later.
    const avif = ladder('avif-0-420', { bytes: 500, cpuMs: 50, levels: 6 }).map((sample) => ({
      ...sample,
      distance: 6 - sample.level + 1,
    }));
    const found = at([picture('photo', [...webp, ...avif])], 'avif-0-420', 60);
    expect(found?.bytesRatio?.median).toBeCloseTo(0.5);
    expect(found?.secondBytesRatio?.median).toBeCloseTo(2);
  });

  it('are summed up for groups of kinds too', () => {
    const samples = ladder('webp-4', { bytes: 1000, cpuMs: 100 });
    const measured = [picture('text', samples), picture('logo', samples), picture('photo', samples)];
    expect(at(measured, 'webp-4', 70, 'graphic')).toMatchObject({ pictures: 2 });
    expect(at(measured, 'webp-4', 70, 'photographic')).toMatchObject({ pictures: 1 });
    expect(at(measured, 'webp-4', 70, 'mixed')).toBeUndefined();
  });
});

describe('quartiles', () => {
  it('are interpolated, and none of no values', () => {
    expect(quartiles([4, 1, 2, 3])).toEqual({ lower: 1.75, median: 2.5, upper: 3.25 });
    expect(quartiles([7])).toEqual({ lower: 7, median: 7, upper: 7 });
    expect(quartiles([])).toBeUndefined();
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { quantile } from '../../../../bench/codecs/analysis/quartiles.ts';
import { calibrate } from '../../../../bench/codecs/calibration/calibrate.ts';
import { levelAt, scoreAt, slopeAt } from '../../../../bench/codecs/calibration/curve.ts';
import { evaluate, type Outcome } from '../../../../bench/codecs/calibration/evaluate.ts';
import type { Observation } from '../../../../bench/codecs/calibration/observe.ts';
import { accuracy, calibrationPage, difference } from '../../../../bench/codecs/calibration/page.ts';
import { observedText, readObserved } from '../../../../bench/codecs/calibration/recorded.ts';
import { calibrationSource } from '../../../../bench/codecs/calibration/source.ts';
import type { Result } from '../../../../bench/codecs/result.ts';
import { namedScores } from '../../../../lambda/domain/quality.ts';
import { calibration } from '../../../../lambda/imaging/encode/calibration.ts';
import { trellisExtra } from '../../../../lambda/imaging/encode/numbers.ts';

const project = join(import.meta.dirname, '../../../..');
const folder = join(project, 'bench/codecs');
const text = readFileSync(join(folder, 'calibration/observed.json'), 'utf8');
const observations = readObserved(text);
const outcomes = evaluate(observations);
const of = (about: Partial<Outcome>) =>
  outcomes.filter((one) =>
    Object.entries(about).every(([name, value]) => one[name as keyof Outcome] === value),
  );

describe('the recorded calibration', () => {
  it('is what the encoders use, and what the page says', () => {
    expect(calibration).toEqual(calibrate(observations));
    expect(readFileSync(join(project, 'lambda/imaging/encode/calibration.ts'), 'utf8')).toBe(
      calibrationSource(calibration),
    );
    expect(readFileSync(join(folder, 'calibration.md'), 'utf8')).toBe(calibrationPage(outcomes));
    expect(observedText(observations)).toBe(text);
  });

  it('is of at least 40 pictures, ten of them photographs of cameras, at three sizes', () => {
    expect(new Set(observations.map(({ picture }) => picture)).size).toBeGreaterThanOrEqual(40);
    expect(new Set(of({ source: 'camera' }).map(({ picture }) => picture)).size).toBe(10);
    expect(new Set(observations.map(({ size }) => size))).toEqual(new Set([1600, 800, 320]));
  });

  it('pictures that were left out are within 4 points in four of five, by the default formats', () => {
    const defaults = outcomes.filter(
      ({ format, graphic, saturation }) => format !== 'webp' && !graphic && saturation === undefined,
    );
    expect(accuracy(defaults, 'auto').hits).toBeGreaterThanOrEqual(0.8);
    const standard = defaults.filter(({ target }) => target === namedScores.standard);
    expect(accuracy(standard, 'auto').hits).toBeGreaterThanOrEqual(0.88);
  });

  it('so are photographs of little colour or none in three of five, and seldom far below', () => {
    const pale = outcomes.filter(({ format, saturation }) => format !== 'webp' && saturation !== undefined);
    expect(new Set(pale.map(({ saturation }) => saturation))).toEqual(new Set([0, 0.05, 0.2]));
    for (const saturation of [0, 0.05, 0.2]) {
      const standard = pale.filter(
        (one) => one.saturation === saturation && one.target === namedScores.standard,
      );
      expect(accuracy(standard, 'auto').hits, `${saturation}`).toBeGreaterThanOrEqual(0.6);
      const low = standard.filter(({ scores, target }) => scores.auto < target - 8);
      expect(low.length / standard.length, `${saturation}`).toBeLessThanOrEqual(0.1);
    }
  });

  it.each(['jpeg', 'webp', 'avif'] as const)(
    'the spread of %s over pictures is at least a third smaller than with one number',
    (format) => {
      for (const graphic of [false, true]) {
        const own = of({ format, graphic });
        expect(accuracy(own, 'auto').spread).toBeLessThanOrEqual((2 / 3) * accuracy(own, 'fixed').spread);
      }
    },
  );

  it('the AVIF and the JPEG of one picture are within 3 points in the median, and 6 in nine of ten', () => {
    const { median, p90 } = difference(outcomes, 'auto');
    expect(median).toBeLessThanOrEqual(3);
    expect(p90).toBeLessThanOrEqual(6);
  });
});

it('what trellis quantisation needs more is what the comparison of encoders measured of photographs', () => {
  const { equal } = JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8')) as Pick<Result, 'equal'>;
  const levels = (setting: string, score: number) =>
    [1600, 800, 320].map(
      (size) =>
        equal.find(
          (one) =>
            one.setting === setting &&
            one.kind === 'photographic' &&
            one.size === size &&
            one.score === score,
        )?.level as number,
    );
  for (const score of [60, 70, 80]) {
    const plain = levels('jpeg-420', score);
    const more = levels('mozjpeg-420', score).map((level, at) => level - (plain[at] as number));
    expect(Math.abs(quantile(more, 0.5) - trellisExtra(score)), `score ${score}`).toBeLessThanOrEqual(1);
  }
});

describe('what a level gives', () => {
  const levels: Observation['levels'] = [
    [20, 40, 100],
    [40, 60, 200],
    [60, 64, 300],
  ];
  const one = { ...(observations[0] as Observation), levels };

  it('the level of a score and the score of a level are interpolated, and end at the ladder', () => {
    expect([levelAt(one, 50), levelAt(one, 62), levelAt(one, 90), levelAt(one, 10)]).toEqual([
      30, 50, 60, 20,
    ]);
    expect([scoreAt(one, 30), scoreAt(one, 50), scoreAt(one, 95), scoreAt(one, 3)]).toEqual([50, 62, 64, 40]);
  });

  it('a plateau has a slope that a fit can weigh', () => {
    expect(slopeAt(one, 50)).toBeCloseTo(1, 9);
    expect(slopeAt(one, 62)).toBeCloseTo(0.2, 9);
  });
});

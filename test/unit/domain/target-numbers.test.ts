import { describe, expect, it } from 'vitest';
import { type LossyFormat, mostNumber, scoreRange, targetNumbers } from '../../../lambda/domain/quality.ts';
import type { Calibration, Weights } from '../../../lambda/imaging/encode/calibrated.ts';
import { lookOf } from '../../../lambda/imaging/encode/look/look.ts';
import { numberFor } from '../../../lambda/imaging/encode/numbers.ts';
import type { Raster } from '../../../lambda/imaging/raster.ts';
import { noise } from '../imaging/fixtures.ts';

const formats: LossyFormat[] = ['webp', 'jpeg', 'avif'];
const look = lookOf(noise(32, 32) as Raster);

/** A calibration that gives one number at all scores. */
function constant(number: number): Calibration {
  const weights: Weights = { bySize: [[number], [number]], byLook: [[number], [number]] };
  const all = { range: { least: [], most: [] }, webp: weights, jpeg: weights, avif: weights };
  return {
    scores: [scoreRange.least, scoreRange.most],
    features: [],
    sizes: { least: 0, most: 0 },
    pictures: all,
    pale: all,
    graphics: all,
    lossless: [],
  };
}

describe('the highest number of an encoder', () => {
  it.each(formats)('of %s is what the most demanding target can give', (format) => {
    for (const auto of [true, false]) {
      const target = { score: scoreRange.most, auto };
      expect(numberFor(format, target, look, false, constant(1000))).toBe(mostNumber(target, format));
      expect(numberFor(format, target, look, false, constant(-1000))).toBe(targetNumbers[format].least);
    }
  });

  // Memory and bytes of AVIF are reckoned by it: from 90 on they are more.
  it('of an AVIF for a target is below 89', () => {
    expect(mostNumber({ score: 90, auto: true }, 'avif')).toBeLessThan(89);
  });

  it.each(formats)('of %s is the number itself where it is given', (format) => {
    const numbers = { webp: 1, jpeg: 2, avif: 3 };
    expect(mostNumber(numbers, format)).toBe(numbers[format]);
    expect(mostNumber({ webp: 100, jpeg: 100, avif: 100 }, format)).toBe(100);
  });
});

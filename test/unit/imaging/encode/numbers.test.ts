import { describe, expect, it } from 'vitest';
import type { Calibration } from '../../../../lambda/imaging/encode/calibrated.ts';
import type { Look } from '../../../../lambda/imaging/encode/look/look.ts';
import { lookOf } from '../../../../lambda/imaging/encode/look/look.ts';
import { losslessBytes, numberFor, trellisExtra } from '../../../../lambda/imaging/encode/numbers.ts';

const look: Look = {
  ...lookOf({ data: Buffer.alloc(3), width: 1, height: 1, channels: 3 }),
  size: 1,
  detail: 2,
  halfContrast: 2,
  halfTintContrast: 1,
};
/** 10 at 60 and 30 at 80, more by size and by detail. */
const weights = (base: number) => ({
  bySize: [
    [base, 4],
    [base + 20, 4],
  ],
  byLook: [
    [base, 1, 3],
    [base + 20, 1, 3],
  ],
});
/** Of sizes of -4 to 2 and details of 0 to 10. */
const range = { least: [-4, 0], most: [2, 10] };
const formats = (base: number) => ({
  range,
  ...{ jpeg: weights(base), webp: weights(base + 1), avif: weights(base + 2) },
});
const calibration: Calibration = {
  scores: [60, 80],
  features: ['size', 'detail'],
  sizes: { least: -4, most: 1.5 },
  pictures: formats(30),
  pale: formats(40),
  graphics: formats(50),
  lossless: [-3, 1, 0.5],
};
const of = (
  score: number,
  auto: boolean,
  one = look,
  format: 'jpeg' | 'webp' | 'avif' = 'jpeg',
  fitted = calibration,
) => numberFor(format, { score, auto }, one, false, fitted);

describe('the number of an encoder for a score', () => {
  it('follows the look, worked out by hand', () => {
    // 30 + 1 × 1 + 3 × 2, and half of 20 more at 70.
    expect([of(60, true), of(70, true), of(80, true)]).toEqual([37, 47, 57]);
    expect(of(70, true, look, 'avif')).toBe(49);
  });

  it('without `auto` follows the size alone', () => {
    expect(of(70, false)).toBe(44);
    expect(of(70, false, { ...look, detail: 20 })).toBe(44);
    expect(of(70, false, { ...look, size: -1 })).toBe(36);
  });

  it('graphics have numbers of their own', () => {
    expect(numberFor('jpeg', { score: 70, auto: true }, look, true, calibration)).toBe(67);
  });

  it.each([
    [-1.5, 47],
    [-2, 52],
    [-2.5, 57],
    [-9, 57],
  ])(
    'of a picture whose tint has a contrast of %d beside 2 of lightness is %d',
    (halfTintContrast, number) => {
      expect(of(70, true, { ...look, halfTintContrast })).toBe(number);
      expect(of(70, false, { ...look, halfTintContrast })).toBe(44);
      expect(
        numberFor('jpeg', { score: 70, auto: true }, { ...look, halfTintContrast }, true, calibration),
      ).toBe(67);
    },
  );

  // 40 + 1 + 3 × 0 + 10, and three tenths of the way to the size's 54; half of that at a contrast of -7.6.
  it.each([
    [-4.7, 51],
    [-5.6, 51.45],
    [-6.5, 51.9],
    [-20, 51.9],
  ])(
    'of a picture without detail whose tint has a contrast of %d beside 2 is %d',
    (halfTintContrast, number) => {
      expect(of(70, true, { ...look, detail: 0, halfTintContrast })).toBe(Math.round(number));
    },
  );

  it.each([
    [-9, -4],
    [5, 1.5],
  ])('of a size of %d is that of %d, the nearest of the calibration', (beyond, nearest) => {
    for (const auto of [true, false])
      expect(of(70, auto, { ...look, size: beyond })).toBe(of(70, auto, { ...look, size: nearest }));
    expect(of(70, false, { ...look, size: nearest })).not.toBe(of(70, false, { ...look, size: 0 }));
  });

  it('never falls as the score rises, though each score has a fit of its own', () => {
    const falling = { bySize: [[50], [40], [60]], byLook: [[50], [40], [60]] };
    const kind = { ...formats(0), jpeg: falling };
    const own = { ...calibration, scores: [60, 70, 80], pictures: kind, pale: kind };
    const numbers = [60, 65, 70, 75, 80].map((score) =>
      numberFor('jpeg', { score, auto: true }, look, false, own),
    );
    expect(numbers).toEqual([50, 50, 50, 55, 60]);
  });

  it('beyond the scores it goes on as between the last two, within what was measured', () => {
    expect(of(50, true)).toBe(27);
    expect(of(90, true)).toBe(67);
    const everything = { least: [-1e9, -1e9], most: [1e9, 1e9] };
    const wide = { ...calibration, pictures: { ...formats(30), range: everything } };
    const bounds = (detail: number) =>
      (['jpeg', 'webp', 'avif'] as const).map((format) => of(70, true, { ...look, detail }, format, wide));
    expect([bounds(1000), bounds(-1000)]).toEqual([
      [96, 97, 88],
      [15, 5, 16],
    ]);
  });

  // Of a range of 10, a tenth and a half is trusted, and three tenths are too far: 44 is that of the size.
  it.each([
    [11.5, 40 + 1 + 34.5],
    [13, 40 + 1 + 39],
    [-1.5, 40 + 1 - 4.5],
    [-2.25, (40 + 1 - 6.75 + 44) / 2],
    [-3, 44],
    [-1000, 44],
  ])('of a detail of %d, where 0 to 10 were calibrated, is %d', (detail, number) => {
    expect(of(70, true, { ...look, detail })).toBe(Math.round(number));
  });

  it('of a light picture follows the weights, however dark those of the calibration were', () => {
    const byLight = {
      bySize: [[40], [50]],
      byLook: [
        [40, -20],
        [60, -20],
      ],
    };
    // By the size it is 45.
    const dark = { ...formats(0), range: { least: [0.1], most: [0.4] }, jpeg: byLight };
    const own = { ...calibration, features: ['light'] as const, pictures: dark };
    expect(of(70, true, { ...look, light: 1 }, 'jpeg', own)).toBe(30);
  });

  it('rises with the score for an ordinary look, in every format', () => {
    for (const format of ['jpeg', 'webp', 'avif'] as const) {
      const numbers = [40, 50, 60, 70, 80, 90].map((score) =>
        numberFor(format, { score, auto: false }, { ...look, size: 0 }, false),
      );
      expect(numbers).toEqual(numbers.toSorted((one, other) => one - other));
      expect(new Set(numbers).size).toBeGreaterThan(4);
    }
  });
});

it('the bytes of WebP without loss follow the look, worked out by hand', () => {
  // 2^(−3 + 1 × 1 + 0.5 × 2) bytes a pixel of 2 megapixels.
  expect(losslessBytes(look, calibration)).toBeCloseTo(1_000_000, 3);
});

it('trellis quantisation needs a higher number, and less so for a high score', () => {
  expect([40, 60, 70, 80, 90].map(trellisExtra)).toEqual([6, 6, 4, 2, 0]);
});

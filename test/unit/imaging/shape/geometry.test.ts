import { describe, expect, it } from 'vitest';
import { geometry } from '../../../../lambda/imaging/shape/geometry.ts';
import { presetOf } from '../../../support/recipes.ts';

const size = (width: number, height: number) => ({ width, height });

describe('the canvas of a variant', () => {
  it.each([
    ['inside, landscape', size(4000, 3000), { width: 1600, height: 1600 }, size(1600, 1200)],
    ['inside, portrait', size(3000, 4000), { width: 1600, height: 1600 }, size(1200, 1600)],
    ['inside, width only', size(4000, 1000), { width: 800 }, size(800, 200)],
    ['inside, height only', size(4000, 1000), { height: 800 }, size(3200, 800)],
    ['inside, not enlarged', size(200, 100), { width: 1600, height: 1600 }, size(200, 100)],
    ['inside, enlarged', size(200, 100), { width: 1600, height: 1600, enlarge: true }, size(1600, 800)],
    ['inside, never longer than WebP can be', size(1, 16_384), { width: 320 }, size(1, 16_383)],
    [
      'inside, a strip of so many pixels as 4096 × 4096 have',
      size(1290, 19_854),
      { width: 1600 },
      size(1044, 16_069),
    ],
    [
      'inside, a photograph upright in 2:3 as wide as asked',
      size(8000, 12_000),
      { width: 6000 },
      size(6000, 9000),
    ],
    [
      'inside, a box bounds what it holds by itself',
      size(9000, 9000),
      { width: 8192, height: 8192 },
      size(8192, 8192),
    ],
    ['inside, enlarged no longer either', size(1, 3000), { width: 200, enlarge: true }, size(5, 16_383)],
    ['inside, never less than a pixel', size(16_000, 3), { width: 320, height: 320 }, size(320, 1)],
    ['cover fills the box', size(4000, 3000), { width: 500, height: 500, fit: 'cover' }, size(500, 500)],
    [
      'cover, a box too large keeps its proportions',
      size(400, 300),
      { width: 1000, height: 500, fit: 'cover' },
      size(400, 200),
    ],
    [
      'cover, enlarged',
      size(400, 300),
      { width: 1000, height: 500, fit: 'cover', enlarge: true },
      size(1000, 500),
    ],
    ['contain is the box', size(4000, 1000), { width: 500, height: 500, fit: 'contain' }, size(500, 500)],
    [
      'contain is the box around a small image too',
      size(40, 10),
      { width: 500, height: 500, fit: 'contain' },
      size(500, 500),
    ],
    ['fill distorts', size(4000, 3000), { width: 300, height: 600, fit: 'fill' }, size(300, 600)],
    [
      'fill, a box too large keeps its proportions',
      size(400, 100),
      { width: 300, height: 300, fit: 'fill' },
      size(100, 100),
    ],
    [
      'fill, enlarged',
      size(400, 100),
      { width: 600, height: 300, fit: 'fill', enlarge: true },
      size(600, 300),
    ],
  ] as const)('the canvas: %s', (_, image, written, expected) => {
    expect(geometry(image, presetOf(written)).canvas).toEqual(expected);
  });
});

describe('the whole image before the crop', () => {
  it.each([
    ['contain keeps a small image as it is', size(40, 10), { fit: 'contain' }, size(40, 10)],
    [
      'contain enlarges where it is asked to',
      size(40, 10),
      { fit: 'contain', enlarge: true },
      size(500, 125),
    ],
    ['contain shrinks to the box', size(4000, 1000), { fit: 'contain' }, size(500, 125)],
    ['cover is as high as the box', size(4000, 1000), { fit: 'cover' }, size(2000, 500)],
  ] as const)('the image before the crop: %s', (_, image, written, expected) => {
    expect(geometry(image, presetOf({ width: 500, height: 500, ...written })).frame).toEqual(expected);
  });
});

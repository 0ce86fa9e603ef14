import { describe, expect, it } from 'vitest';
import { isGraphic } from '../../../../../lambda/imaging/encode/look/graphic.ts';
import { type Look, lookOf } from '../../../../../lambda/imaging/encode/look/look.ts';
import { tileWide } from '../../../../../lambda/imaging/encode/look/tile.ts';
import type { Raster } from '../../../../../lambda/imaging/raster.ts';

type Paint = (x: number, y: number) => readonly number[];
function raster(width: number, height: number, paint: Paint, channels: 3 | 4 = 3): Raster {
  const data = Buffer.alloc(width * height * channels);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) Buffer.from(paint(x, y)).copy(data, (y * width + x) * channels);
  return { data, width, height, channels };
}
const grey = (level: number) => [level, level, level];
const flat = raster(128, 64, () => grey(128));
const checks = (side: number) => (x: number, y: number) =>
  grey((Math.floor(x / side) + Math.floor(y / side)) % 2 ? 200 : 100);

describe('the look of a picture', () => {
  it('of one colour is flat and quiet, and all its logarithms are finite', () => {
    const look = lookOf(flat);
    expect(look).toMatchObject({ flat: 1, edges: 0, equalInBusy: 0 });
    expect(Math.min(look.quiet, look.quarterQuiet)).toBeCloseTo(1, 6);
    expect(look.detail).toBeCloseTo(Math.log2(0.01), 9);
    expect(Object.values(look).every(Number.isFinite)).toBe(true);
  });

  it('white is light 1, black 0', () => {
    expect(lookOf(raster(64, 64, () => grey(255))).light).toBeCloseTo(1, 1);
    expect(lookOf(raster(64, 64, () => grey(0))).light).toBeCloseTo(0, 9);
  });

  it('the size is in megapixels, as a logarithm, and of one frame of an animation', () => {
    expect(lookOf(raster(1000, 500, () => grey(9))).size).toBeCloseTo(-1, 9);
    expect(
      lookOf(
        raster(1000, 500, () => grey(9)),
        'transparent',
        4,
      ).size,
    ).toBeCloseTo(-3, 9);
  });

  it('differences count at their size: fine ones at full size, coarse ones at half and a quarter', () => {
    const [fine, coarse] = [lookOf(raster(256, 256, checks(1))), lookOf(raster(256, 256, checks(8)))];
    expect(fine.detail).toBeGreaterThan(coarse.detail + 2);
    // Squares of one pixel vanish in the means of four.
    expect(fine.quarterGradient).toBeCloseTo(Math.log2(0.01), 6);
    expect(coarse.quarterGradient).toBeGreaterThan(0);
    expect(coarse.halfContrast).toBeGreaterThan(fine.halfContrast);
  });

  it('steps of 100 levels are edges, of 30 none', () => {
    // In blocks of 8, every pair of neighbours crosses an edge.
    expect(lookOf(raster(64, 64, checks(1))).edges).toBe(1);
    expect(lookOf(raster(64, 64, (x, y) => grey((x + y) % 2 ? 130 : 100))).edges).toBe(0);
  });

  it('steps of more than 12 levels of any channel are edges of colour, up or down', () => {
    const stepOf = (channel: number, levels: number): Paint => {
      return (x, y) =>
        [90, 90, 90].map((level, at) => (at === channel && (x + y) % 2 ? level + levels : level));
    };
    for (const channel of [0, 1, 2])
      for (const sign of [1, -1]) {
        const edges = [12, 13].map(
          (levels) => lookOf(raster(64, 64, stepOf(channel, sign * levels))).colourEdges,
        );
        expect(edges, `channel ${channel}, ${sign}`).toEqual([0, 1]);
      }
    expect(lookOf(raster(64, 64, (x, y) => ((x + y) % 2 ? [255, 0, 255] : [0, 255, 0]))).colourEdges).toBe(1);
  });

  it('neighbours are the same if all channels are, and a block with an edge of colour is not flat', () => {
    // Of the same luma: 77 × 75 is 150 × 38 and 75 more.
    const stripes = lookOf(raster(64, 64, (x) => (x % 4 < 2 ? [175, 100, 100] : [100, 138, 103])));
    expect(stripes).toMatchObject({ flat: 1, edges: 0, equalInBusy: 0, colourFlat: 0 });
    // In a row of 8, four of 7 neighbours; in a column all.
    expect(stripes.sameInBusy).toBeCloseTo((4 * 8 + 7 * 8) / (2 * 7 * 8), 9);
    expect(lookOf(flat)).toMatchObject({ colourFlat: 1, colourEdges: 0, sameInBusy: 0 });
  });

  it('colour at equal lightness is tint, and no detail of lightness', () => {
    const red = lookOf(raster(128, 128, (x) => (x % 8 < 4 ? [160, 100, 100] : [100, 128, 100])));
    expect(red.tintGradient).toBeGreaterThan(lookOf(raster(128, 128, checks(4))).tintGradient + 3);
    expect(red.tintVariance).toBeGreaterThan(0);
  });

  it('what is transparent shows the background, white by default', () => {
    const hidden = raster(64, 64, (x, y) => [x * 3, y * 3, 77, 0], 4);
    expect(lookOf(hidden)).toEqual(lookOf(raster(64, 64, () => grey(255))));
    expect(lookOf(hidden, '#0a141e')).toEqual(lookOf(raster(64, 64, () => [10, 20, 30])));
    const half = raster(64, 64, () => [200, 100, 0, 51], 4);
    expect(lookOf(half, '#000000')).toEqual(lookOf(raster(64, 64, () => [40, 20, 0])));
  });

  it('black strokes on nothing look as on white, whatever colour is hidden behind', () => {
    const strokes = (paper: readonly number[]): Paint => {
      return (x, y) => (y % 32 < 12 && x % 40 < 30 && (x % 5 < 2 || y % 7 === 0) ? [0, 0, 0, 255] : paper);
    };
    const cut = raster(320, 240, strokes([0, 0, 0, 0]), 4);
    expect(lookOf(cut)).toEqual(lookOf(raster(320, 240, (x, y) => strokes(grey(255))(x, y).slice(0, 3))));
    expect(isGraphic(lookOf(cut))).toBe(true);
  });

  it.each([
    [1, 1],
    [1, 500],
    [500, 1],
    [2, 3],
    [7, 9],
    [65, 17],
    [3000, 2],
  ])('%i × %i pixels have a look', (width, height) => {
    const look = lookOf(raster(width, height, (x, y) => [x % 256, y % 256, (x * y) % 256]));
    expect(Object.entries(look).filter(([, value]) => !Number.isFinite(value))).toEqual([]);
  });

  // Strides of 5, 7, 14, 21 and 19: what divides a step from row to row must not decide which columns are read.
  it.each([
    [800, 600],
    [1000, 700],
    [700, 1000],
    [1400, 1000],
    [1600, 1312],
    [1600, 1200],
  ])('of %i × %i pixels, every column of tiles is read', (width, height) => {
    const data = Buffer.alloc(width * height * 3);
    for (let left = 0; left < width; left += tileWide) {
      const right = Math.min(width, left + tileWide);
      for (let y = 0; y < height; y++) data.fill(255, (y * width + left) * 3, (y * width + right) * 3);
      expect(lookOf({ data, width, height, channels: 3 }).light, `column ${left}`).toBeGreaterThan(0);
      data.fill(0);
    }
  });

  it('a sample tells as much as all: a large picture looks like its tiles', () => {
    const pattern: Paint = (x, y) => [(x * 37 + y * 11) % 251, (x * 5 + y * 71) % 241, (x ^ y) % 256];
    const [small, large] = [lookOf(raster(320, 240, pattern)), lookOf(raster(2560, 1920, pattern))];
    const others = (Object.keys(small) as (keyof Look)[]).filter((name) => name !== 'size');
    for (const name of others) expect(large[name], name).toBeCloseTo(small[name], 0);
  });
});

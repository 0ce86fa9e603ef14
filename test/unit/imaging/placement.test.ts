import { describe, expect, it } from 'vitest';
import type { Watermark } from '../../../lambda/domain/preset.ts';
import { blend } from '../../../lambda/imaging/blend.ts';
import { markWidth, placeMark } from '../../../lambda/imaging/placement.ts';
import type { Raster } from '../../../lambda/imaging/raster.ts';
import { plain } from './fixtures.ts';

describe('blending', () => {
  it('cuts off what lies outside, on every side', () => {
    const red: Raster = { ...plain(4, 4, [255, 0, 0, 255]), channels: 4 };
    for (const [left, top, expected] of [
      [-2, -2, 4],
      [8, 8, 4],
      [-4, 0, 0],
      [0, 10, 0],
      [3, 3, 16],
    ] as const) {
      const ground: Raster = { ...plain(10, 10, [0, 0, 0]), channels: 3 };
      blend(ground, red, left, top);
      expect(ground.data.filter((value) => value === 255)).toHaveLength(expected);
    }
  });

  it('keeps the mark’s own colour where the image is transparent', () => {
    const ground: Raster = { ...plain(2, 1, [0, 255, 0, 0]), channels: 4 };
    blend(ground, { ...plain(1, 1, [255, 0, 0, 128]), channels: 4 }, 0, 0);
    expect([...ground.data]).toEqual([255, 0, 0, 128, 0, 255, 0, 0]);
  });
});

describe('placing', () => {
  const mark: Watermark = {
    type: 'text',
    text: 'x',
    color: '#ffffff',
    gravity: 'east',
    scale: 1,
    margin: 0,
    opacity: 1,
    tile: true,
  };
  it('tiles do not overlap and reach into every corner', () => {
    const variant = { width: 300, height: 200 };
    const size = { width: 40, height: 20 };
    const places = placeMark(variant, mark, size);
    expect(new Set(places.map(({ left, top }) => `${left} ${top}`)).size).toBe(places.length);
    for (const a of places)
      for (const b of places)
        if (a !== b) expect(Math.abs(a.left - b.left) >= 40 || Math.abs(a.top - b.top) >= 20).toBe(true);
  });

  it('a mark has no width where nothing legible would be left', () => {
    expect(markWidth({ width: 100, height: 100 }, mark, 4)).toBe(100);
    expect(markWidth({ width: 3, height: 100 }, mark, 1)).toBeUndefined();
    expect(markWidth({ width: 1000, height: 3 }, mark, 4)).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import { gravities } from '../../../../lambda/domain/gravity.ts';
import type { Watermark } from '../../../../lambda/domain/watermark.ts';
import type { Raster } from '../../../../lambda/imaging/raster.ts';
import { blend } from '../../../../lambda/imaging/watermark/blend.ts';
import { markSize, placeMark } from '../../../../lambda/imaging/watermark/placement.ts';
import { rotatedSize } from '../../../../lambda/imaging/watermark/rotate.ts';
import { watermarkOf } from '../../../support/recipes.ts';
import { plain } from '../fixtures.ts';
import { painted } from './grounds.ts';

describe('blending', () => {
  it('blending clips what lies outside, on every side', () => {
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

  it('blending mixes sRGB values, rounded, with and without an opaque alpha channel', () => {
    for (const below of [0, 1, 100, 200, 255])
      for (let alpha = 0; alpha < 256; alpha++) {
        const opaque: Raster = { ...plain(256, 1, [below, below, below]), channels: 3 };
        const full: Raster = { ...plain(256, 1, [below, below, below, 255]), channels: 4 };
        const mark = painted(256, 1, (x) => [x, x, x, alpha]);
        for (const ground of [opaque, full]) blend(ground, { ...mark, channels: 4 }, 0, 0);
        for (let x = 0; x < 256; x++) {
          const expected = Math.round((below * (255 - alpha) + x * alpha) / 255);
          if (opaque.data[x * 3] !== expected || full.data[x * 4] !== expected)
            expect.fail(
              `${x} at ${alpha} over ${below}: ${opaque.data[x * 3]}, ${full.data[x * 4]}, not ${expected}`,
            );
        }
        expect(full.data.every((value, at) => at % 4 !== 3 || value === 255)).toBe(true);
      }
  });

  it('blending keeps the watermark’s colour on transparent pixels', () => {
    const ground: Raster = { ...plain(2, 1, [0, 255, 0, 0]), channels: 4 };
    blend(ground, { ...plain(1, 1, [255, 0, 0, 128]), channels: 4 }, 0, 0);
    expect([...ground.data]).toEqual([255, 0, 0, 128, 0, 255, 0, 0]);
  });
});

describe('placing', () => {
  const mark = watermarkOf({ type: 'text', text: 'x', gravity: 'east', scale: 1, margin: 0 });
  const tiled = (spacing: number, rotation = 0): Watermark => ({ ...mark, tile: true, spacing, rotation });

  it.each([0, 0.5, 3])('tiles with a spacing of %s have that distance and reach every corner', (spacing) => {
    const variant = { width: 300, height: 200 };
    const places = placeMark(variant, tiled(spacing), { width: 40, height: 20 });
    const gap = spacing * 40;
    expect(new Set(places.map(({ left, top }) => `${left} ${top}`)).size).toBe(places.length);
    for (const a of places) {
      for (const b of places)
        if (a !== b)
          expect(Math.abs(a.left - b.left) >= 40 + gap || Math.abs(a.top - b.top) >= 20 + gap).toBe(true);
    }
    const covers = (x: number, y: number) =>
      places.some(
        ({ left, top }) => Math.abs(left + 20 - x) <= 40 + gap && Math.abs(top + 10 - y) <= 20 + gap,
      );
    for (const [x, y] of [0, 300].flatMap((x) => [0, 200].map((y) => [x, y] as const)))
      expect(covers(x, y), `${x} ${y}`).toBe(true);
  });

  it.each([30, -45, 90, 135, 180])(
    'tiles turned by %s degrees keep their spacing along and across the lines',
    (rotation) => {
      const [width, height, gap] = [40, 20, 20];
      const variant = { width: 300, height: 200 };
      const places = placeMark(variant, tiled(0.5, rotation), { width, height });
      const [cos, sin] = [Math.cos((rotation * Math.PI) / 180), Math.sin((rotation * Math.PI) / 180)];
      let neighbours = 0;
      for (const a of places)
        for (const b of places) {
          const [x, y] = [b.left - a.left, b.top - a.top];
          const [along, across] = [Math.abs(x * cos + y * sin), Math.abs(y * cos - x * sin)];
          if (a === b || along > width + gap + 2 || across > 2) continue;
          // Rounding to whole pixels may take one from the gap.
          expect(along).toBeGreaterThan(width + gap - 2);
          neighbours++;
        }
      expect(neighbours).toBeGreaterThan(places.length / 2);
      // Enough to fill the picture and the rim where they are cut off.
      expect(places.length).toBeGreaterThanOrEqual(
        (variant.width * variant.height) / ((width + gap) * (height + gap)),
      );
    },
  );

  it('tiles have no margin and are clipped at the edges', () => {
    const variant = { width: 300, height: 200 };
    expect(markSize(variant, { ...tiled(0), margin: 0.5 }, 2)).toEqual({ width: 300, height: 150 });
  });

  it('a watermark that would be illegible has no size', () => {
    expect(markSize({ width: 100, height: 100 }, mark, 4)).toEqual({ width: 100, height: 25 });
    expect(markSize({ width: 3, height: 100 }, mark, 1)).toBeUndefined();
    expect(markSize({ width: 1000, height: 3 }, mark, 4)).toBeUndefined();
  });

  it('a watermark is left out of variants below its minimum width', () => {
    const large = { ...mark, minWidth: 640 };
    expect(markSize({ width: 639, height: 2000 }, large, 1)).toBeUndefined();
    expect(markSize({ width: 640, height: 2000 }, large, 1)).toEqual({ width: 640, height: 640 });
  });

  it.each([-180, -150, -90, -45, -1, 0, 1, 17.5, 45, 89, 90, 120, 180])(
    'a watermark turned by %s degrees stays within the margins, and keeps its width if it can',
    (rotation) => {
      for (const [width, height] of [
        [400, 300],
        [300, 400],
        [401, 97],
        [64, 64],
      ] as const)
        for (const aspect of [0.2, 1, 2.7, 12])
          for (const gravity of gravities) {
            const turned: Watermark = { ...mark, gravity, rotation, scale: 0.9, margin: 0.05 };
            const margin = Math.round(Math.min(width, height) * 0.05);
            const size = markSize({ width, height }, turned, aspect);
            if (size === undefined) continue;
            const box = rotatedSize(size, rotation);
            const [place] = placeMark({ width, height }, turned, size);
            const { left = -1, top = -1 } = place ?? {};
            const what = `${width} × ${height}, ${aspect}, ${gravity}`;
            expect(left, what).toBeGreaterThanOrEqual(margin);
            expect(top, what).toBeGreaterThanOrEqual(margin);
            expect(left + box.width, what).toBeLessThanOrEqual(width - margin);
            expect(top + box.height, what).toBeLessThanOrEqual(height - margin);
            // The largest possible size: a slightly larger one would not fit.
            const more = rotatedSize({ width: size.width + 2, height: (size.width + 2) / aspect }, rotation);
            const fits = more.width <= width - 2 * margin && more.height <= height - 2 * margin;
            expect(size.width + 2 > width * 0.9 || !fits, what).toBe(true);
          }
    },
  );

  it('scale is the width before rotation', () => {
    const turned = { ...mark, rotation: 30, scale: 0.25 };
    expect(markSize({ width: 800, height: 600 }, turned, 4)).toEqual({ width: 200, height: 50 });
  });

  it.each([
    [0, { width: 40, height: 20 }],
    [90, { width: 20, height: 40 }],
    [-90, { width: 20, height: 40 }],
    [180, { width: 40, height: 20 }],
    [45, { width: 43, height: 43 }],
  ])('a watermark turned by %s degrees has the expected bounding box', (degrees, box) => {
    expect(rotatedSize({ width: 40, height: 20 }, degrees)).toEqual(box);
  });
});

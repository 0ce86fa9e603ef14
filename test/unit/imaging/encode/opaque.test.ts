import { describe, expect, it } from 'vitest';
import { isOpaque } from '../../../../lambda/imaging/encode/opaque.ts';
import type { Raster } from '../../../../lambda/imaging/raster.ts';
import { plain } from '../fixtures.ts';

const of = (colour: readonly number[]) => plain(20, 10, colour) as Raster;

describe('a raster is opaque', () => {
  it.each([0, 254, 255])('without alpha, of values of %i', (value) => {
    expect(isOpaque(of([value, value, value]))).toBe(true);
  });

  it('with an alpha of 255 everywhere, whatever the colours', () => {
    expect(isOpaque(of([0, 1, 254, 255]))).toBe(true);
  });

  it.each([0, 1, 254])('unless its first, last or another pixel has an alpha of %i', (alpha) => {
    for (const pixel of [0, 77, 199]) {
      const raster = of([255, 255, 255, 255]);
      raster.data[pixel * 4 + 3] = alpha;
      expect(isOpaque(raster), `pixel ${pixel}`).toBe(false);
    }
  });

  it('at the first pixel that is not, the rest is not read', () => {
    const raster = of([9, 9, 9, 128]);
    const read: unknown[] = [];
    const data = new Proxy(raster.data, {
      get(pixels, name) {
        read.push(name);
        return Reflect.get(pixels, name, pixels);
      },
    });
    expect(isOpaque({ ...raster, data })).toBe(false);
    expect(read.filter((name) => name !== 'length')).toEqual(['3']);
  });
});

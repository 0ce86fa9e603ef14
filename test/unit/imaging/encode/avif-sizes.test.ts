import { describe, expect, it } from 'vitest';
import type { Raster } from '../../../../lambda/imaging/raster.ts';
import { distance, pixelsIn } from '../fixtures.ts';
import { sequenceOf } from './av1-sequence.ts';
import { itemsOf } from './avif-items.ts';
import { ways } from './avif-ways.ts';

/** Below, at and beyond blocks of 4, 8, 16 and 64 pixels, odd for chroma of half the size, and lines. */
const sizes = [
  ...[
    [1, 1],
    [1, 2],
    [2, 1],
    [1, 7],
    [7, 1],
    [2, 2],
    [3, 5],
    [15, 17],
    [16, 16],
  ],
  ...[
    [63, 65],
    [65, 63],
    [129, 3],
    [1600, 1],
    [1, 1600],
    [1601, 2],
  ],
] as [number, number][];

const tint = [150, 20, 60] as const;

/**
 * A strong colour whose lightness changes by up to 100: its chroma is the same everywhere, so that half the resolution
 * loses none, and an edge mixed with padding of another colour shows.
 */
function tinted(width: number, height: number, channels: 3 | 4): Raster {
  const data = Buffer.alloc(width * height * channels);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const light = Math.round(50 * (x / Math.max(1, width - 1) + y / Math.max(1, height - 1)));
      const colour = tint.map((value) => value + light);
      data.set(channels === 3 ? colour : [...colour, 254 - 2 * light], (y * width + x) * channels);
    }
  return { data, width, height, channels };
}

describe.each(ways)('an AVIF %s of any size', (_, encode) => {
  it.each([3, 4] as const)(
    'has that size and its colours up to the edges, in %i channels',
    async (channels) => {
      for (const [width, height] of sizes) {
        const raster = tinted(width, height, channels);
        const file = await encode(raster, { quality: { avif: 90 } });
        const name = `${width} × ${height}`;
        for (const { properties, bytes } of itemsOf(file)) {
          const size = properties.find((property) => property.name === 'ispe')?.content;
          expect([size?.readUInt32BE(4), size?.readUInt32BE(8)], name).toEqual([width, height]);
          expect(sequenceOf(bytes), name).toMatchObject({ width, height });
        }
        const pixels = await pixelsIn(file);
        expect([pixels.width, pixels.height, pixels.channels], name).toEqual([width, height, channels]);
        // Measured: 3 at most.
        expect(worst(pixels.data, raster), name).toBeLessThanOrEqual(5);
      }
    },
  );
});

function worst(found: Buffer, { data, channels }: Raster): number {
  let largest = 0;
  for (let at = 0; at < data.length; at += channels)
    largest = Math.max(
      largest,
      distance([...found.subarray(at, at + channels)], [...data.subarray(at, at + channels)]),
    );
  return largest;
}

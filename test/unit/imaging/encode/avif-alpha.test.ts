import { describe, expect, it } from 'vitest';
import type { Raster } from '../../../../lambda/imaging/raster.ts';
import { distance, pixelsIn } from '../fixtures.ts';
import { sequenceOf } from './av1-sequence.ts';
import { itemsOf, referencesOf } from './avif-items.ts';
import { asVariant, ways } from './avif-ways.ts';
import { cutOut } from './cut-out.ts';
import { patches, patchwork, side } from './patchwork.ts';

const kindOfAlpha = 'urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0';

describe.each(ways)('the alpha of an AVIF %s', (_, encode) => {
  it('is an auxiliary luma item of full range and 8 bits, of the picture’s size', async () => {
    const file = await encode(cutOut(63, 41));
    expect(referencesOf(file)).toEqual([{ kind: 'auxl', from: 2, to: [1] }]);
    const [picture, alpha, ...others] = itemsOf(file);
    expect(others).toEqual([]);
    const kind = alpha?.properties.find(({ name }) => name === 'auxC')?.content.subarray(4);
    expect(kind?.toString('latin1')).toBe(kindOfAlpha);
    expect(picture?.properties.map(({ name }) => name)).not.toContain('auxC');
    const seen = { width: 63, height: 41, depth: 8, fullRange: true };
    expect(sequenceOf(alpha?.bytes as Buffer)).toMatchObject({ ...seen, sampling: 'luma only' });
    expect(sequenceOf(picture?.bytes as Buffer)).toMatchObject(seen);
  });

  // Premultiplied, red under an alpha of 128 would be stored as 128. Measured: 4 at most.
  it.each([254, 128, 20])('colours are straight under an alpha of %i', async (alpha) => {
    const file = await encode(patchwork(alpha));
    expect(referencesOf(file).map(({ kind }) => kind)).not.toContain('prem');
    const { data, width } = await pixelsIn(file);
    for (const [index, colour] of patches.entries()) {
      const [x, y] = [((index % 4) + 0.5) * side, (Math.floor(index / 4) + 0.5) * side];
      const at = (y * width + x) * 4;
      expect(distance([...data.subarray(at, at + 4)], [...colour, alpha]), `${colour}`).toBeLessThanOrEqual(
        5,
      );
    }
  });
});

/** How wide the blocks of the encoder spread an edge of this mask. */
const reach = 8;

describe('the alpha of an AVIF variant', () => {
  // sharp has one quality for colours and alpha. Measured: 26, 7 and 0, and 1 away from edges.
  it.each([
    [50, 30],
    [80, 10],
    [100, 0],
  ])('at quality %i is off by at most %i where a cut-out is transparent or opaque', async (avif, most) => {
    const raster = cutOut(150, 110);
    const { data, channels } = await pixelsIn(await asVariant(raster, { quality: { avif } }));
    expect(channels).toBe(4);
    for (const alpha of [0, 255]) {
      const errors = errorsOf(data, raster, alpha);
      expect(errors.length, `pixels of ${alpha}`).toBeGreaterThan(1000);
      expect(Math.max(...errors.map(({ error }) => error)), `${alpha}`).toBeLessThanOrEqual(most);
      const far = errors.filter(({ isNear }) => !isNear);
      expect(far.length, `pixels of ${alpha} away from edges`).toBeGreaterThan(300);
      expect(Math.max(...far.map(({ error }) => error)), `${alpha} away from edges`).toBeLessThanOrEqual(1);
    }
  });

  it.each([0, 1, 128, 254])('is exact where all of it is %i', async (alpha) => {
    const { data, channels } = await pixelsIn(await asVariant(patchwork(alpha)));
    expect(channels).toBe(4);
    expect(new Set(data.filter((_, at) => at % 4 === 3))).toEqual(new Set([alpha]));
  });
});

/** The errors of the alpha of all pixels that should have this one, and whether a pixel of another is near. */
function errorsOf(found: Buffer, { data, width, height }: Raster, alpha: number) {
  const isOther = (x: number, y: number) => data[(y * width + x) * 4 + 3] !== alpha;
  const errors: { error: number; isNear: boolean }[] = [];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      if (isOther(x, y)) continue;
      let isNear = false;
      for (let row = Math.max(0, y - reach); row <= Math.min(height - 1, y + reach); row++)
        for (let column = Math.max(0, x - reach); column <= Math.min(width - 1, x + reach); column++)
          isNear ||= isOther(column, row);
      errors.push({ error: Math.abs((found[(y * width + x) * 4 + 3] as number) - alpha), isNear });
    }
  return errors;
}

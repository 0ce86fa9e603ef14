import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { type DrawnKind, draw } from '../../../../bench/codecs/pictures/draw.ts';
import { kinds } from '../../../../bench/codecs/pictures/kinds.ts';
import { pictures, sized } from '../../../../bench/codecs/pictures/pictures.ts';
import { drawScene } from '../../../../bench/imaging/photographs/scene.ts';
import type { Raster } from '../../../../lambda/imaging/raster.ts';

const drawn = kinds.filter((kind): kind is DrawnKind => kind !== 'photo');
const photograph = async () => {
  const { pixels, width, height } = await drawScene(240, 180, 5);
  return { data: pixels, width, height, channels: 3 as const };
};

describe('drawn pictures', () => {
  it.each(drawn)('%s: the same pixels for the same seed, others for another', async (kind) => {
    const [one, again, other] = [
      await draw(kind, 1, 200, photograph),
      await draw(kind, 1, 200, photograph),
      await draw(kind, 3, 200, photograph),
    ];
    expect(Math.max(one.width, one.height)).toBe(200);
    expect(one.channels).toBe(3);
    expect(one.data.length).toBe(one.width * one.height * 3);
    expect(again.data.equals(one.data)).toBe(true);
    expect(other.data.equals(one.data)).toBe(false);
    // Not an empty page: a text or a shape is missing where all pixels are alike.
    expect(new Set(one.data).size).toBeGreaterThan(4);
  });
});

describe('the pictures of a run', () => {
  it('are at least 40 with the photographs of cameras, of each drawn kind at least three, the first of each marked', () => {
    const all = pictures(() => {});
    for (const kind of drawn) {
      const own = all.filter((picture) => picture.kind === kind);
      expect(own.length, kind).toBeGreaterThanOrEqual(3);
      expect(own.filter(({ first }) => first)).toHaveLength(1);
    }
    expect(all.filter(({ source }) => source === 'drawn').length + 10).toBeGreaterThanOrEqual(40);
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
  });

  it('have no size above their own, and each is resized from the one before', async () => {
    const { data, width, height } = await draw('text', 2, 910, photograph);
    const open = async () => sharp(data, { raw: { width, height, channels: 3 } });
    const made = await sized({
      name: 'text',
      family: 'text',
      kind: 'text',
      source: 'drawn',
      first: true,
      twice: true,
      open,
    });
    expect(made.map(({ size }) => size)).toEqual([800, 320]);
    const [medium, small] = made.map(({ raster }) => raster) as [Raster, Raster];
    // 700 × 910: the longer side is what a box limits.
    expect(medium).toMatchObject({ width: 615, height: 800 });
    expect(small).toMatchObject({ width: 246, height: 320 });
    const again = sharp(medium.data, { raw: { width: medium.width, height: medium.height, channels: 3 } });
    const resized = await again.resize(small.width, small.height, { fit: 'fill' }).raw().toBuffer();
    expect(small.data.equals(resized)).toBe(true);
  });
});

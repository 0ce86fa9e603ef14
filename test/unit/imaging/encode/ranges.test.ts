import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { draw, plain } from '../fixtures.ts';
import { made } from '../in-process.ts';

/*
 * Encoders receive only the size of a source, and frames, delays and loops of an animation (`animation.test.ts`). Density,
 * depth, palette and quality of a source do not affect a variant. EXIF's orientation rotates the pixels.
 */
const formats = ['webp', 'jpeg', 'png', 'avif'] as const;
const rest = { inputs: { avif: true } };

async function sizesOf(file: Buffer, preset: { width?: number; height?: number }) {
  const { variants } = await made(file, { a: { ...preset, formats: [...formats] } }, rest);
  return variants.map(({ format, width, height, frames }) => ({ format, width, height, frames }));
}

describe('extreme sizes in each format', () => {
  // WebP allows at most 16,383.
  it('the longest accepted image is encoded in each format', async () => {
    const file = await draw(plain(16_384, 2, [200, 30, 30]))
      .png()
      .toBuffer();
    const expected = formats.map((format) => ({ format, width: 16_383, height: 2, frames: 1 }));
    expect(await sizesOf(file, { height: 2 })).toEqual(expected);
  });

  it('an image of the maximum height and one pixel width is encoded in each format', async () => {
    const file = await draw(plain(1, 16_384, [200, 30, 30]))
      .png()
      .toBuffer();
    const expected = formats.map((format) => ({ format, width: 1, height: 16_383, frames: 1 }));
    expect(await sizesOf(file, { width: 1 })).toEqual(expected);
  });

  it('the largest animation is encoded', async () => {
    const frames = [30, 200].map((blue) =>
      draw(plain(16_384, 2, [200, 30, blue]))
        .png()
        .toBuffer(),
    );
    const file = await sharp(await Promise.all(frames), { join: { animated: true } })
      .gif({ delay: [20, 30] })
      .toBuffer();
    expect((await sizesOf(file, { height: 2 }))[0]).toEqual({
      format: 'webp',
      width: 16_383,
      height: 2,
      frames: 2,
    });
  });

  it.each([1, 65_535])('a density of %i is accepted', async (density) => {
    const file = await draw(plain(20, 20, [200, 30, 30]))
      .withMetadata({ density })
      .jpeg()
      .toBuffer();
    const expected = formats.map((format) => ({ format, width: 10, height: 10, frames: 1 }));
    expect(await sizesOf(file, { width: 10 })).toEqual(expected);
  });
});

import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { mostFineFramePixels } from '../../../../lambda/domain/formats.ts';
import { encodeAnimation } from '../../../../lambda/imaging/encode/animation.ts';
import type { FrameStrip } from '../../../../lambda/imaging/frame-strip.ts';
import type { SluiceConfig } from '../../../../lib/config/schema.ts';
import { presetOf } from '../../../support/recipes.ts';
import { noise } from '../fixtures.ts';

type Quality = SluiceConfig['presets'][string]['quality'];

/** Yellow strokes on blue that move, two pixels a frame; columns from `grain` on are noise. */
function strokes(width: number, height: number, frames: number, grain = width): FrameStrip {
  const data = Buffer.alloc(width * height * frames * 3);
  const speckle = noise(width, height).data;
  for (let y = 0; y < height * frames; y++)
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 3;
      const row = y + 2 * Math.floor(y / height);
      const isInk = row % 32 < 12 && x % 40 < 30 && (x % 5 < 2 || row % 7 === 0);
      if (x < grain) data.set(isInk ? [250, 220, 40] : [40, 60, 200], at);
      else for (let c = 0; c < 3; c++) data[at + c] = speckle[(at + c) % speckle.length] as number;
    }
  const timing = { frames, delays: Array.from({ length: frames }, () => 100), loop: 0 };
  return { raster: { data, width, height: height * frames, channels: 3 }, timing };
}

function encoded(strip: FrameStrip, quality: Quality): Promise<Buffer> {
  const preset = presetOf({ width: strip.raster.width, formats: ['webp'], quality });
  return encodeAnimation(strip, { preset, credits: {} });
}

const isLossless = (webp: Buffer) => webp.includes('VP8L') && !webp.includes('VP8 ');

/** Mean error of the strokes of the first frame, in levels. */
async function errorOf(webp: Buffer, { raster, timing }: FrameStrip, grain: number): Promise<number> {
  const { width, height } = raster;
  const seen = await sharp(webp).removeAlpha().raw().toBuffer();
  let sum = 0;
  for (let at = 0; at < (width * height * 3) / timing.frames; at++)
    if ((at / 3) % width < grain - 20) sum += Math.abs((seen[at] as number) - (raster.data[at] as number));
  return sum / ((grain - 20) * (height / timing.frames) * 3);
}

describe('an animation of graphics, for a score', () => {
  it('loses nothing where that is smaller', async () => {
    const strip = strokes(240, 160, 3);
    const webp = await encoded(strip, 'standard');
    expect(isLossless(webp)).toBe(true);
    expect(await sharp(webp).metadata()).toMatchObject({ pages: 3, delay: [100, 100, 100] });
    expect(await errorOf(webp, strip, 240)).toBe(0);
    expect(isLossless(await encoded(strip, { webp: 80 }))).toBe(false);
  });

  it('otherwise keeps the edges of colour better than the encoder’s own subsampling', async () => {
    const [grain, strip] = [160, strokes(240, 160, 3, 160)];
    const webp = await encoded(strip, 'standard');
    expect(isLossless(webp)).toBe(false);
    const rough = await encoded(strip, { webp: 95 });
    expect(rough.length).toBeGreaterThan(webp.length);
    expect(await errorOf(webp, strip, grain)).toBeLessThan(await errorOf(rough, strip, grain));
  });

  it('does neither where its frames are too many for the memory that it takes', async () => {
    const [width, height] = [600, 500];
    const frames = Math.floor(mostFineFramePixels / (width * height)) + 1;
    expect(isLossless(await encoded(strokes(width, height, frames), 'economy'))).toBe(false);
    expect(isLossless(await encoded(strokes(width, height, frames - 1), 'economy'))).toBe(true);
  });
});

it('an animation of noise for a score is lossy, with its colour subsampled as WebP does', async () => {
  const strip = strokes(160, 120, 2, 0);
  expect(isLossless(await encoded(strip, 'standard'))).toBe(false);
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { countFrames } from '../../../../lambda/imaging/inspect/webp-chunks.ts';
import { patience } from '../../../support/pace.ts';
import { gallery, hasGallery } from '../../../support/pictures.ts';
import { withPlainFormats } from '../../../support/plain-formats.ts';
import { draw, plain, quartered } from '../fixtures.ts';
import { made } from '../in-process.ts';
import { openLane } from '../sandbox-folder.ts';
import { animatedWebp, gifFrames, pageTags, tiffFile } from './containers.ts';
import { rejectionOf } from './rejection-of.ts';

const mebi = 1024 * 1024;
const limits = { maxBytes: 5 * mebi, maxPages: 50, maxFramePixels: 60_000 };
const { decode, close } = openLane({
  presets: withPlainFormats({ small: { width: 320 } }),
  limits,
  placeholder: 'none',
});
afterAll(close);

const rejection = (bytes: Uint8Array) => rejectionOf(decode(bytes));
const webp = await draw(quartered(40, 30)).webp().toBuffer();

describe('pages and frames', () => {
  it('too many frames of a WebP, which its codec searches, are too_complex; one frame fewer is accepted', async () => {
    const animated = (count: number) => animatedWebp(webp, { width: 40, height: 30 }, count);
    const { code, detail } = await rejection(animated(51));
    expect(code).toBe('too_complex');
    expect(detail).toMatch(/more than 50 frames/);
    expect((await decode(animated(50))).original.frames).toBe(50);
  });

  it('a GIF and a TIFF may have any number of pages: above the limit the first one is shown', async () => {
    const tiff = (count: number) =>
      tiffFile({
        lead: plain(4, 4, [1, 2, 3]).data,
        chain: Array.from({ length: count }, () => pageTags(4, 4, 8)),
      });
    const { original, variants } = await decode(tiff(51));
    expect([original.frames, ...variants.map(({ frames }) => frames)]).toEqual([1, 1, 1]);
    expect(await framesOf(gifFrames(50))).toEqual({ original: 50, webp: 50, jpeg: 1 });
    expect(await framesOf(gifFrames(51))).toEqual({ original: 51, webp: 1, jpeg: 1 });
  });

  it('an animation with too many pixels in all frames is shown by its first frame', async () => {
    const many = (height: number) => framesOf(gifFrames(40, { width: 50, height }));
    expect(await many(30)).toEqual({ original: 40, webp: 40, jpeg: 1 });
    expect(await many(31)).toEqual({ original: 40, webp: 1, jpeg: 1 });
  });

  it('an animation that one preset makes too large is animated in all others', async () => {
    const presets = {
      whole: { width: 50, height: 30 },
      huge: { width: 100, height: 60, enlarge: true },
      padded: { width: 90, height: 40, fit: 'contain' as const },
      still: { width: 50, height: 30, animation: 'first' as const },
    };
    const { variants } = await made(gifFrames(40, { width: 50, height: 30 }), presets, { limits });
    const frames = variants.filter(({ format }) => format === 'webp').map(({ frames }) => frames);
    expect(frames).toEqual([40, 1, 1, 1]);
  });

  it.skipIf(!hasGallery)('a GIF of 174 ordinary frames becomes ready, as its first frame', async () => {
    const file = readFileSync(join(gallery, 'found/gif-480x480x174.gif'));
    const first = { small: { width: 320, animation: 'first' as const }, moving: { width: 320 } };
    const { original, variants } = await made(file, first);
    expect([original.frames, ...variants.map(({ frames }) => frames)]).toEqual([174, 1, 1, 1, 1]);
  });

  it('frames of a WebP are counted without libwebp, which takes minutes for 200,000', async () => {
    const bomb = animatedWebp(
      await draw(plain(1, 1, [9, 9, 9]))
        .webp({ lossless: true })
        .toBuffer(),
      { width: 1, height: 1 },
      75_000,
    );
    expect(bomb.length).toBeLessThan(limits.maxBytes);
    const before = process.cpuUsage();
    expect(countFrames(bomb, 1_000_000)).toBe(75_000);
    expect(countFrames(bomb, 50)).toBe(51);
    expect(process.cpuUsage(before).user).toBeLessThan(patience(1_000_000));
    expect((await rejection(bomb)).detail).toContain('more than 50 frames');
  });
});

async function framesOf(bytes: Uint8Array): Promise<Record<string, number>> {
  const { original, variants } = await decode(bytes);
  const shown = variants.map(({ format, frames }) => [format, frames] as const);
  return { original: original.frames, ...Object.fromEntries(shown) };
}

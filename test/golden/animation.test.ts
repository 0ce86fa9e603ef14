import { describe, expect, it } from 'vitest';
import { oddDisposal, palette } from './disposal.ts';
import { openGolden } from './golden.ts';
import type { Picture } from './oracle.ts';

const { oracle, decode } = openGolden({
  limits: { maxPixels: 4_000_000, maxFramePixels: 4_000_000 },
  presets: {
    whole: { width: 800, formats: ['webp', 'jpeg', 'png'], quality: { webp: 100, jpeg: 95 } },
    half: { width: 60, formats: ['webp'], quality: { webp: 100 } },
    still: { width: 800, formats: ['webp'], quality: { webp: 100 }, animation: 'first' },
    marked: { width: 800, formats: ['webp', 'jpeg'], watermarks: ['word'] },
  },
  watermarks: {
    word: { type: 'text', text: 'GOLDEN', gravity: 'center', scale: 0.6, opacity: 1, color: '#ffffff' },
  },
});

const size = { width: 120, height: 80 };
const scenes = [1, 2, 3, 4].map((seed) => oracle.make('scene', { ...size, seed, detail: 0.2 }));
const veils = [1, 2, 3].map((seed) => oracle.make('veiled', { ...size, seed, detail: 0.2 }));

async function variantsOf(bytes: Buffer, preset: string) {
  const { original, variants } = await decode(bytes, [preset]);
  const [webp, ...others] = variants.map((variant) => variant.bytes);
  return { original, webp: webp as Buffer, others, frames: variants.map(({ frames }) => frames) };
}

/** Lossy WebP always halves the chroma, so pictures with hard edges between colours are compared by luma. */
async function expectFrames(webp: Buffer, expected: readonly Picture[], decibels = 28): Promise<void> {
  const frames = await oracle.frames(webp);
  expect(frames).toHaveLength(expected.length);
  for (const [index, frame] of frames.entries()) {
    const likeness = await oracle.likeness(frame, expected[index] as Picture);
    expect(likeness.decibels, `frame ${index}: ${JSON.stringify(likeness)}`).toBeGreaterThan(decibels);
    expect(likeness.ssim, `frame ${index}`).toBeGreaterThan(0.99);
    expect(likeness.alphaMean, `frame ${index}`).toBeLessThan(1);
  }
}

describe('an animated GIF becomes an animated WebP', () => {
  it.each([
    ['for ever', 0, 0],
    // A GIF counts the repetitions after the first showing, WebP counts all showings.
    ['twice', 1, 2],
    ['six times', 5, 6],
    ['once, which a GIF says by saying nothing', null, 1],
  ])('an animated WebP has the frames and delays of its GIF, shown %s', async (_, loop, shown) => {
    const delays = [40, 100, 250, 1500];
    const { bytes } = await oracle.write('gif', { pictures: await Promise.all(scenes), delays, loop });
    expect(await oracle.about(bytes)).toMatchObject({ frames: 4, delays, loop });
    const { original, webp, frames } = await variantsOf(bytes, 'whole');
    expect(original).toMatchObject({ ...size, frames: 4 });
    expect(frames).toEqual([4, 1, 1]);
    expect(await oracle.about(webp)).toMatchObject({
      ...size,
      format: 'WEBP',
      frames: 4,
      delays,
      loop: shown,
      metadata: [],
    });
    await expectFrames(webp, await oracle.frames(bytes));
  });

  it('frames of a reduced animation equal the reduced frames', async () => {
    const { bytes } = await oracle.write('gif', {
      pictures: await Promise.all(scenes),
      delays: [50, 50, 50, 50],
    });
    const { webp } = await variantsOf(bytes, 'half');
    const reduced = (await oracle.frames(bytes)).map((picture) =>
      oracle.make('resize', { picture, width: 60, height: 40 }),
    );
    await expectFrames(webp, await Promise.all(reduced));
  });

  it.each(oddDisposal)('an animated WebP shows the frames of a GIF $name', async ({ frames }) => {
    const { bytes, means } = await oracle.write('gifFrames', { width: 48, height: 32, frames, palette });
    const seen = frames.map((_, index) =>
      oracle.make('crop', { picture: means, left: 0, top: index * 32, width: 48, height: 32 }),
    );
    const { webp } = await variantsOf(bytes, 'whole');
    expect((await oracle.about(webp)).delays).toEqual(frames.map(({ delay = 10 }) => delay * 10));
    await expectFrames(webp, await Promise.all(seen), 20);
  });
});

describe('an animated WebP becomes one', () => {
  it.each([
    ['opaque', scenes],
    ['translucent', veils],
  ])('an animated WebP with %s frames keeps them, its delays and loops', async (_, frames) => {
    const pictures = await Promise.all(frames);
    const delays = [35, 120, 990, 60].slice(0, pictures.length);
    const { bytes } = await oracle.write('animatedWebp', { pictures, delays, loop: 3 });
    const { original, webp } = await variantsOf(bytes, 'whole');
    expect(original.frames).toBe(pictures.length);
    expect(await oracle.about(webp)).toMatchObject({
      frames: pictures.length,
      delays,
      loop: 3,
      metadata: [],
    });
    await expectFrames(webp, pictures);
  });

  it('an animated WebP is converted from its profile', async () => {
    const pictures = await Promise.all(scenes);
    const { bytes } = await oracle.write('animatedWebp', {
      pictures,
      delays: [50, 50, 50, 50],
      profile: 'display-p3',
    });
    const meant = pictures.map((picture) => oracle.make('toSrgb', { picture, space: 'display-p3' }));
    await expectFrames((await variantsOf(bytes, 'whole')).webp, await Promise.all(meant));
  });
});

describe('the first frame', () => {
  const file = async () =>
    oracle.write('gif', { pictures: await Promise.all(scenes), delays: [50, 50, 50, 50] });

  it('formats without animation show the first frame', async () => {
    const { bytes } = await file();
    const { others } = await variantsOf(bytes, 'whole');
    const [first] = await oracle.frames(bytes);
    for (const still of others) {
      expect((await oracle.about(still)).frames).toBe(1);
      expect((await oracle.likeness(await oracle.seen(still), first as Picture)).decibels).toBeGreaterThan(
        32,
      );
    }
  });

  it('a preset with `animation: first` has only the first frame', async () => {
    const { bytes } = await file();
    const { webp, frames } = await variantsOf(bytes, 'still');
    expect(frames).toEqual([1]);
    const [first] = await oracle.frames(bytes);
    await expectFrames(webp, [first as Picture]);
  });
});

describe('a watermark', () => {
  it('a watermark is the same on every frame, in the same place', async () => {
    const { bytes } = await oracle.write('animatedWebp', {
      pictures: await Promise.all(scenes),
      delays: [50, 50, 50, 50],
    });
    const clean = await oracle.frames((await variantsOf(bytes, 'whole')).webp);
    const marked = await oracle.frames((await variantsOf(bytes, 'marked')).webp);
    expect(marked).toHaveLength(4);
    for (const [index, frame] of marked.entries()) {
      const away = await oracle.ask<number[]>('changedBox', { a: frame, b: clean[index] });
      const [left = 0, top = 0, right = 0, bottom = 0] = away;
      expect(right - left, `frame ${index}`).toBeGreaterThan(0.5 * size.width);
      expect(right - left).toBeLessThan(0.75 * size.width);
      expect(bottom - top).toBeGreaterThan(8);
      expect(Math.abs((left + right) / 2 - size.width / 2)).toBeLessThan(4);
    }
  });
});

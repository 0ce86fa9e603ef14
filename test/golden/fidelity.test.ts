import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gallery, hasGallery } from '../support/pictures.ts';
import { openGolden } from './golden.ts';
import type { Picture } from './oracle.ts';

/** The default presets without watermarks, in a lossless format. */
const { oracle, decode } = openGolden({
  presets: {
    large: { width: 1600, height: 1600, formats: ['png'] },
    medium: { width: 800, height: 800, formats: ['png'] },
    small: { width: 320, height: 320, formats: ['png'] },
  },
});

/** Compares each variant with Pillow's full decode and one floating-point Lanczos of all its pixels. */
async function expectFaithful(bytes: Buffer, decibels: number): Promise<void> {
  const original = await oracle.seen(bytes, { upright: true });
  for (const { preset, width, height, bytes: png } of (await decode(bytes)).variants) {
    const reference = await oracle.make('resize', { picture: original, width, height });
    const likeness = await oracle.likeness(await oracle.seen(png), reference);
    expect(likeness.decibels, `${preset}: ${JSON.stringify(likeness)}`).toBeGreaterThanOrEqual(decibels);
    await oracle.ask('forget', { picture: reference });
  }
  await oracle.ask('forget', { picture: original });
}

const ratios = [1.05, 1.2, 1.5, 1.9, 2, 2.1, 3, 3.9, 4, 4.2, 6, 8, 9, 15];
const sides = (ratio: number) => Math.round(960 / ratio);
const named = (ratio: number) => `by-${ratio}`.replace('.', '_');

describe('a photograph of 12 megapixels is reduced to what a full-resolution Lanczos gives, at 44 dB or more', () => {
  let photograph: Promise<Picture> | undefined;

  it.each([
    ['JPEG', 'jpeg', { quality: 92 }],
    ['progressive JPEG', 'jpeg', { quality: 92, progressive: true }],
    ['PNG', 'png', {}],
  ])(
    'a 12-megapixel %s is reduced to at least 44 dB of a full-resolution Lanczos',
    async (_, writer, options) => {
      photograph ??= oracle
        .make('scene', { width: 1008, height: 756, falloff: 0.6 })
        .then((picture) => oracle.make('tiled', { picture, times: 4 }));
      const { bytes } = await oracle.write(writer, { picture: await photograph, ...options });
      await expectFaithful(bytes, 44);
    },
  );
});

describe('whatever the ratio of the sizes is, a single preset is as faithful', () => {
  const { oracle, decode } = openGolden({
    presets: Object.fromEntries(
      ratios.map((ratio) => [named(ratio), { width: sides(ratio), formats: ['png'] }]),
    ),
  });

  it.each([
    ['JPEG', 'jpeg', {}, 44],
    ['progressive JPEG, 4:4:4', 'jpeg', { progressive: true, subsampling: '4:4:4' }, 44],
    ['PNG', 'png', {}, 44],
    ['WebP', 'webp', {}, 44],
  ])(
    'a %s reduced for a single preset has the quality of a Lanczos at every ratio',
    async (_, writer, options, decibelsAtLeast) => {
      const picture = await oracle.make('scene', { width: 960, height: 720, falloff: 0.7 });
      const { bytes } = await oracle.write(writer, { picture, ...options });
      const found: Record<string, number> = {};
      for (const ratio of ratios) {
        const [variant] = (await decode(bytes, [named(ratio)])).variants;
        const { width = 0, height = 0 } = variant ?? {};
        const reference = await oracle.make('resize', { picture: await oracle.seen(bytes), width, height });
        const { decibels } = await oracle.likeness(await oracle.seen(variant?.bytes as Buffer), reference);
        if (decibels < decibelsAtLeast) found[ratio] = decibels;
      }
      expect(found).toEqual({});
    },
  );
});

describe.skipIf(!hasGallery)('photographs of cameras (skipped without ../shared/images)', () => {
  it.each(['apple-iphone-4s.jpg', 'kodak-pixpro-s-1.jpg', 'htc-one-m8.jpg', 'canon-powershot-a2500.jpg'])(
    'the photograph %s is reduced to at least 44 dB of a full-resolution Lanczos',
    async (name) => {
      await expectFaithful(readFileSync(join(gallery, 'photos', name)), 44);
    },
  );
});

import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openGolden, untouched } from './golden.ts';
import { hasTool, type Picture } from './oracle.ts';

const { oracle, seen } = openGolden({
  inputs: { avif: true },
  presets: { whole: untouched, half: { width: 180, formats: ['png'] } },
});
/** Every hue and lightness in three saturations, 360 × 240, as values of the wide space, so partly outside sRGB. */
const spectrum = oracle.make('spectrum');

interface Difference {
  median: number;
  p95: number;
  max: number;
}

/** Median and tail of CIEDE2000 against the reference, at full and at half size. */
async function expectColours(bytes: Buffer, reference: Picture, median = 1): Promise<void> {
  const whole = await oracle.ask<Difference>('deltaE', { a: await seen(bytes, 'whole'), b: reference });
  expect(whole.median, JSON.stringify(whole)).toBeLessThan(median);
  expect(whole.p95, JSON.stringify(whole)).toBeLessThan(2.5);
  const reduced = await oracle.make('resize', { picture: reference, width: 180, height: 120 });
  const half = await oracle.ask<Difference>('deltaE', { a: await seen(bytes, 'half'), b: reduced });
  expect(half.median, JSON.stringify(half)).toBeLessThan(median);
}

const jpeg = { quality: 100, subsampling: '4:4:4' };

describe('a matrix profile is converted within a ΔE2000 of 1 of a floating-point conversion', () => {
  it.each([
    ['Display P3 in JPEG', 'jpeg', 'display-p3', { ...jpeg, version: 4 }],
    ['Display P3 in JPEG, profile of version 2', 'jpeg', 'display-p3', { ...jpeg, version: 2 }],
    ['Display P3 in progressive JPEG, 4:2:0', 'jpeg', 'display-p3', { quality: 95, progressive: true }],
    ['Display P3 in PNG', 'png', 'display-p3', {}],
    ['Display P3 in PNG of 16 bits', 'png', 'display-p3', { depth: 16 }],
    ['Display P3 in RGBA PNG', 'png', 'display-p3', { colour: 'rgba' }],
    ['Display P3 in a palette', 'png', 'display-p3', { colour: 'palette' }],
    ['Display P3 in lossless WebP', 'webp', 'display-p3', { lossless: true }],
    ['Display P3 in TIFF', 'tiff', 'display-p3', {}],
    ['Adobe RGB in JPEG', 'jpeg', 'adobe-rgb', { ...jpeg, version: 2 }],
    ['Adobe RGB in JPEG, profile of version 4', 'jpeg', 'adobe-rgb', { ...jpeg, version: 4 }],
    ['Adobe RGB in PNG of 16 bits', 'png', 'adobe-rgb', { depth: 16, version: 2 }],
    ['Adobe RGB in TIFF of 16 bits', 'tiff', 'adobe-rgb', { depth: 16 }],
    ['Rec. 2020 with a gamma of 2.2 in PNG', 'png', 'rec2020-gamma22', { version: 2 }],
    ['sRGB in JPEG', 'jpeg', 'srgb', jpeg],
  ])('%s is converted within a ΔE2000 of 1', async (_, writer, space, options) => {
    const from = writer === 'tiff' ? { pictures: [await spectrum] } : { picture: await spectrum };
    const { bytes, means } = await oracle.write(writer, { ...from, profile: space, ...options });
    const numbers = means ?? (await oracle.seen(bytes));
    await expectColours(bytes, await oracle.make('toSrgb', { picture: numbers, space }));
  });

  // ProPhoto includes invisible colours; its pictures here have only visible ones.
  it.each([
    ['PNG of 16 bits', 'png', { depth: 16 }],
    ['JPEG', 'jpeg', jpeg],
  ])('ProPhoto in %s is converted within a ΔE2000 of 1', async (_, writer, options) => {
    const picture = await oracle.make('fromSrgb', { picture: await spectrum, space: 'prophoto' });
    const { bytes, means } = await oracle.write(writer, { picture, profile: 'prophoto', ...options });
    const numbers = means ?? (await oracle.seen(bytes));
    await expectColours(bytes, await oracle.make('toSrgb', { picture: numbers, space: 'prophoto' }));
  });

  it.skipIf(!hasTool('avifenc'))('Display P3 in AVIF is converted within a ΔE2000 of 1', async () => {
    const { bytes, means } = await oracle.write('avif', { picture: await spectrum, profile: 'display-p3' });
    await expectColours(bytes, await oracle.make('toSrgb', { picture: means, space: 'display-p3' }));
  });
});

describe('colour spaces that are declared without a profile', () => {
  it.each([
    ['cICP of Display P3', 'cICP display-p3', 'display-p3'],
    ['gAMA and cHRM of Display P3', 'gAMA+cHRM p3-gamma22', 'p3-gamma22'],
    ['gAMA and cHRM of Adobe RGB', 'gAMA+cHRM adobe-rgb', 'adobe-rgb'],
    ['gAMA and cHRM of a gamma of 1.8', 'gAMA+cHRM rec709-gamma18', 'rec709-gamma18'],
    ['sRGB', 'sRGB', 'srgb'],
  ])('the colours of a PNG with %s are converted', async (_, chunks, space) => {
    for (const depth of [8, 16]) {
      const { bytes, means } = await oracle.write('png', { picture: await spectrum, chunks, depth });
      await expectColours(bytes, await oracle.make('toSrgb', { picture: means, space }));
    }
  });

  it.skipIf(!hasTool('avifenc'))('an AVIF with the CICP of Display P3 is converted', async () => {
    const { bytes, means } = await oracle.write('avif', { picture: await spectrum, cicp: '12/13/6' });
    await expectColours(bytes, await oracle.make('toSrgb', { picture: means, space: 'display-p3' }));
  });
});

describe('CMYK', () => {
  const inks = oracle.make('inks');
  const written = async (writer: string, options: Record<string, unknown>) =>
    oracle.write(
      writer,
      writer === 'tiff'
        ? { pictures: [await inks], colour: 'cmyk', ...options }
        : { picture: await inks, quality: 100, ...options },
    );

  it.each([
    ['JPEG', 'jpeg', { space: 'cmyk' }],
    ['YCCK JPEG', 'jpeg', { space: 'ycck' }],
    ['TIFF', 'tiff', {}],
    ['TIFF in tiles, deflated', 'tiff', { tile: 64, deflate: true }],
  ])(
    'CMYK with a profile in %s is converted within a ΔE2000 of 1 of LittleCMS in Pillow',
    async (_, writer, options) => {
      const { bytes, path } = await written(writer, { profile: 'press', ...options });
      await expectColours(bytes, await oracle.make('managed', { path }));
    },
  );

  const ghostscript = '/usr/share/color/icc/ghostscript/default_cmyk.icc';
  it.skipIf(!existsSync(ghostscript))(
    'CMYK with a printer’s profile is converted as in Pillow (skipped without Ghostscript’s)',
    async () => {
      const { bytes, path } = await written('jpeg', { space: 'cmyk', profile: ghostscript });
      await expectColours(bytes, await oracle.make('managed', { path }));
    },
  );

  it.each([
    ['JPEG', 'jpeg', { space: 'cmyk' }],
    ['YCCK JPEG', 'jpeg', { space: 'ycck' }],
    ['TIFF', 'tiff', {}],
  ])(
    'CMYK without a profile in %s is white without ink and black with all inks',
    async (_, writer, options) => {
      const { bytes } = await written(writer, options);
      const picture = await seen(bytes, 'whole');
      const reference = await oracle.make('printed', { picture: await inks });
      const { median } = await oracle.ask<Difference>('deltaE', { a: picture, b: reference });
      expect(median).toBeLessThan(20);
      const upsideDown = await oracle.make('printed', {
        picture: await oracle.make('inverted', { picture: await inks }),
      });
      expect((await oracle.ask<Difference>('deltaE', { a: picture, b: upsideDown })).median).toBeGreaterThan(
        30,
      );
    },
  );
});

import { describe, expect, it } from 'vitest';
import { openGolden } from './golden.ts';
import { hasTool, type Picture } from './oracle.ts';

const best = { quality: { webp: 100, jpeg: 100, avif: 100 } };
const { oracle, decode } = openGolden({
  limits: { maxPixels: 4_000_000, maxFramePixels: 4_000_000 },
  inputs: { avif: true },
  presets: {
    whole: { width: 800, formats: ['png', 'webp', 'avif', 'jpeg'], ...best },
    reduced: { width: 120, formats: ['png', 'webp', 'jpeg'], ...best },
    dark: { width: 800, formats: ['jpeg'], background: '#102040', ...best },
    clear: { width: 800, formats: ['jpeg'], background: 'transparent', ...best },
  },
});
const size = { width: 240, height: 160 };
const soft = oracle.make('soft', size);

async function variantsOf(bytes: Buffer, preset: string): Promise<Record<string, Picture>> {
  const { variants } = await decode(bytes, [preset]);
  const seen = variants.map(async ({ format, bytes }) => [format, await oracle.seen(bytes)] as const);
  return Object.fromEntries(await Promise.all(seen));
}

type Case = [name: string, writer: string, options: Record<string, unknown>];
const multiplied: Case[] = hasTool('avifenc')
  ? [['AVIF, multiplied by it', 'avif', { alpha: true, premultiplied: true }]]
  : [];

describe.each<Case>([
  ['PNG', 'png', { colour: 'rgba' }],
  ['PNG of 16 bits', 'png', { colour: 'rgba', depth: 16 }],
  ['WebP', 'webp', { alpha: true, lossless: true }],
  ['AVIF', 'avif', { alpha: true }],
  ...multiplied,
  ['TIFF', 'tiff', { colour: 'rgba' }],
])('the alpha of a %s', (_, writer, options) => {
  /** The meant picture; of AVIF, which is lossy, the result of another decoder. */
  const file = async () => {
    const from = writer === 'tiff' ? { pictures: [await soft] } : { picture: await soft };
    const { bytes, means } = await oracle.write(writer, { ...from, ...options });
    return { bytes, means: means ?? (await oracle.seen(bytes)) };
  };

  it('alpha is kept in PNG, WebP and AVIF', async () => {
    const { bytes, means } = await file();
    const { png, webp, avif } = await variantsOf(bytes, 'whole');
    for (const [picture, alphaMax] of [
      [png, 2],
      [webp, 2],
      [avif, 8],
    ] as const) {
      const likeness = await oracle.likeness(picture as Picture, means);
      expect(likeness.alphaMax, JSON.stringify(likeness)).toBeLessThanOrEqual(alphaMax);
      expect(likeness.decibels, JSON.stringify(likeness)).toBeGreaterThan(38);
    }
  });

  it('alpha is kept in a reduced image, without bleeding colours', async () => {
    const { bytes, means } = await file();
    const reference = await oracle.make('resize', { picture: means, width: 120, height: 80 });
    const { png, webp } = await variantsOf(bytes, 'reduced');
    for (const picture of [png, webp]) {
      const likeness = await oracle.likeness(picture as Picture, reference);
      expect(likeness.alphaMean, JSON.stringify(likeness)).toBeLessThan(1);
      expect(likeness.decibels, JSON.stringify(likeness)).toBeGreaterThan(38);
    }
  });
});

describe('a JPEG of a transparent image', () => {
  it.each([
    ['white by default', 'whole', [255, 255, 255]],
    ['the preset’s own', 'dark', [16, 32, 64]],
    ['white for transparent', 'clear', [255, 255, 255]],
  ])('a JPEG has the background %s, blended as in browsers', async (_, preset, background) => {
    const { bytes } = await oracle.write('png', { picture: await soft, colour: 'rgba' });
    const { jpeg } = await variantsOf(bytes, preset);
    const reference = await oracle.make('over', { picture: await soft, background });
    const likeness = await oracle.likeness(jpeg as Picture, reference);
    expect(likeness.decibels, JSON.stringify(likeness)).toBeGreaterThan(36);
  });

  it('the background of a reduced JPEG is blended as in browsers', async () => {
    const { bytes } = await oracle.write('png', { picture: await soft, colour: 'rgba' });
    const { jpeg } = await variantsOf(bytes, 'reduced');
    const reduced = await oracle.make('resize', { picture: await soft, width: 120, height: 80 });
    const reference = await oracle.make('over', { picture: reduced, background: [255, 255, 255] });
    expect((await oracle.likeness(jpeg as Picture, reference)).decibels).toBeGreaterThan(36);
  });
});

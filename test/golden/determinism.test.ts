import { describe, expect, it } from 'vitest';
import type { SluiceConfig } from '../../lib/config/schema.ts';
import { openGolden } from './golden.ts';

const config: SluiceConfig = {
  inputs: { avif: true },
  limits: { maxPixels: 4_000_000, maxFramePixels: 4_000_000 },
  presets: {
    all: { width: 200, height: 200, formats: ['webp', 'jpeg', 'png', 'avif'], watermarks: ['word'] },
    covered: { width: 64, height: 64, fit: 'cover', gravity: 'attention', sharpen: 0.5 },
    trellis: { width: 120, formats: ['jpeg', 'webp'], effort: { jpeg: 1, webp: 6 } },
  },
  watermarks: {
    word: { type: 'text', text: 'Sluice {tenant} {year}', tile: true, rotation: -30, scale: 0.3 },
  },
};
const [one, other] = [openGolden(config), openGolden(config)];
const { oracle } = one;

/** Format, preset and checksum of all variants, and the properties of the picture. */
async function made({ decode }: typeof one, bytes: Buffer) {
  const { variants, ...rest } = await decode(bytes);
  return { ...rest, variants: variants.map(({ bytes: _, ...properties }) => properties) };
}

describe('the same input and presets give the same bytes', () => {
  it.each([
    ['JPEG', 'jpeg', { profile: 'display-p3' }],
    ['PNG with alpha', 'png', { colour: 'rgba' }],
    ['WebP', 'webp', {}],
    ['AVIF', 'avif', {}],
  ])('%s gives the same bytes again in the same child and in another', async (_, writer, options) => {
    const picture = await oracle.make('veiled', { width: 320, height: 240 });
    const { bytes } = await oracle.write(writer, { picture, ...options });
    const first = await made(one, bytes);
    expect(new Set(first.variants.map(({ sha256 }) => sha256)).size).toBe(first.variants.length);
    expect(await made(one, bytes)).toEqual(first);
    expect(await made(other, bytes)).toEqual(first);
  });

  it('an animation gives the same bytes again', async () => {
    const scenes = [1, 2, 3].map((seed) => oracle.make('scene', { width: 120, height: 80, seed }));
    const { bytes } = await oracle.write('gif', {
      pictures: await Promise.all(scenes),
      delays: [50, 60, 70],
    });
    expect(await made(other, bytes)).toEqual(await made(one, bytes));
  });
});

import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { mostFinePixels } from '../../../../lambda/domain/formats.ts';
import { encode } from '../../../../lambda/imaging/encode/encode.ts';
import { lookOf } from '../../../../lambda/imaging/encode/look/look.ts';
import { numberFor, trellisExtra } from '../../../../lambda/imaging/encode/numbers.ts';
import type { Raster } from '../../../../lambda/imaging/raster.ts';
import { presetOf } from '../../../support/recipes.ts';
import { noise } from '../fixtures.ts';
import { page } from './coloured-page.ts';

const encoding = { preset: presetOf({ width: 400, quality: 'high' }), credits: {} };
async function samplingOf(raster: Raster, format: 'jpeg' | 'avif'): Promise<string | undefined> {
  const bytes = await encode(raster, format, encoding);
  if (format === 'jpeg') return (await sharp(bytes).metadata()).chromaSubsampling;
  // Two bits of the third byte of av1C (AV1-ISOBMFF, 2.3.3).
  const flags = bytes.readUInt8(bytes.indexOf('av1C') + 6);
  return (flags & 0x0c) === 0 ? '4:4:4' : '4:2:0';
}

describe('colour, for a score', () => {
  const texture = noise(320, 240) as Raster;

  it.each(['jpeg', 'avif'] as const)(
    'of a photograph is subsampled in %s, of a graphic it is not',
    async (format) => {
      expect(await samplingOf(texture, format)).toBe('4:2:0');
      expect(await samplingOf(page(320, 240), format)).toBe('4:4:4');
    },
  );

  it('of a large graphic is subsampled in JPEG, whose memory is reckoned with that', async () => {
    const wide = 4200;
    const large = page(wide, Math.floor(mostFinePixels / wide) + 1);
    expect(await samplingOf(large, 'jpeg')).toBe('4:2:0');
  });

  it('of a graphic is nearer in WebP than by the encoder’s own subsampling', async () => {
    const raster = page(320, 240, 260);
    const { data, width, height, channels } = raster;
    const quality = numberFor('webp', { score: 60, auto: true }, lookOf(raster), true);
    const economy = { preset: presetOf({ width: 320, quality: 'economy' }), credits: {} };
    // Beside the noise.
    const errorOf = async (webp: Buffer) => {
      const seen = await sharp(webp).raw().toBuffer();
      const errors = seen.map((value, at) =>
        (at / 3) % width < 240 ? Math.abs(value - (data[at] as number)) : 0,
      );
      return errors.reduce((sum, error) => sum + error, 0);
    };
    const plain = await sharp(data, { raw: { width, height, channels } })
      .webp({ quality, effort: 2 })
      .toBuffer();
    const own = await encode(raster, 'webp', economy);
    expect(await errorOf(own)).toBeGreaterThan(0);
    expect(await errorOf(own)).toBeLessThan(0.9 * (await errorOf(plain)));
  });
});

describe('the number of an encoder', () => {
  const target = { score: 70, auto: true };

  it('is higher for a JPEG with trellis quantisation, unless it is of a graphic', async () => {
    const made = (raster: Raster, quality: 'standard' | { jpeg: number }) =>
      encode(raster, 'jpeg', { preset: presetOf({ width: 400, quality, effort: { jpeg: 1 } }), credits: {} });
    const texture = noise(320, 240) as Raster;
    const number = numberFor('jpeg', target, lookOf(texture), false);
    expect(number).toBeLessThan(85);
    expect(await made(texture, 'standard')).toEqual(await made(texture, { jpeg: number + trellisExtra(70) }));
    const graphic = page(320, 240, 260);
    const { data, width, height, channels } = graphic;
    const plain = await sharp(data, { raw: { width, height, channels } })
      .jpeg({
        quality: numberFor('jpeg', target, lookOf(graphic), true),
        mozjpeg: true,
        chromaSubsampling: '4:4:4',
      })
      .toBuffer();
    expect(await made(graphic, 'standard')).toEqual(plain);
  });
});

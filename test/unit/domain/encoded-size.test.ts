import { describe, expect, it } from 'vitest';
import { mostAnswerBytes, mostVariantBytes } from '../../../lambda/domain/encoded-size.ts';
import type { VariantFormat } from '../../../lambda/domain/image.ts';
import { encodeAnimation } from '../../../lambda/imaging/encode/animation.ts';
import { encode } from '../../../lambda/imaging/encode/encode.ts';
import type { Raster, Size } from '../../../lambda/imaging/raster.ts';
import { resolveConfig } from '../../../lib/config/resolve.ts';
import { configSchema, type SluiceConfig } from '../../../lib/config/schema.ts';
import { config as shipped } from '../../../sluice.config.ts';
import { presetOf } from '../../support/recipes.ts';
import { defaultConfig } from '../imaging/sandbox-folder.ts';

/** Noise with alpha, as bytes or as nothing but 0 and 255: no codec finds anything to save in either. */
function noise({ width, height }: Size, grain: 'bytes' | 'extremes'): Raster {
  const data = Buffer.alloc(width * height * 4);
  let state = 7;
  for (let at = 0; at < data.length; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[at] = grain === 'bytes' ? state >>> 24 : state >>> 31 === 0 ? 0 : 255;
  }
  return { data, width, height, channels: 4 };
}
const sizes: Size[] = [
  { width: 160, height: 120 },
  { width: 1, height: 1500 },
  { width: 1500, height: 1 },
  { width: 1, height: 1 },
  { width: 17, height: 9 },
];
const efforts = { webp: [0, 4], jpeg: [0, 1], png: [0, 1, 6], avif: [0, 2] } as const;
const asWritten = (format: VariantFormat, quality: number, effort: number) =>
  presetOf({
    width: 8192,
    formats: [format],
    effort: { [format]: effort },
    ...(format === 'png' ? {} : { quality: { [format]: quality } }),
  });

describe('a variant of noise', () => {
  it.each(['webp', 'jpeg', 'png', 'avif'] as const)(
    '%s: noise has at most the bytes of its bound',
    async (format) => {
      const shares: number[] = [];
      for (const quality of format === 'png' ? [100] : [100, 90, 89, 50])
        for (const effort of efforts[format])
          for (const size of sizes)
            for (const grain of ['bytes', 'extremes'] as const) {
              const preset = asWritten(format, quality, effort);
              const bytes = await encode(noise(size, grain), format, { preset, credits: {} });
              const most = mostVariantBytes(format, size, 1, preset);
              const about = `${quality} ${effort} ${size.width}x${size.height} ${grain}`;
              expect(bytes.length, about).toBeLessThanOrEqual(most);
              shares.push(bytes.length / most);
            }
      // No more than twice what there can be, or so: a bound of anything holds nobody.
      expect(Math.max(...shares)).toBeGreaterThan(0.45);
    },
  );

  it.each([
    ['small frames', { width: 60, height: 40 }, 4],
    ['lines', { width: 1, height: 2000 }, 4],
    ['single pixels', { width: 1, height: 1 }, 60],
  ])('an animated WebP of %s has at most the bytes of its bound', async (_, size, frames) => {
    for (const quality of [100, 89, 50])
      for (const effort of [0, 2]) {
        const preset = asWritten('webp', quality, effort);
        const raster = noise({ width: size.width, height: size.height * frames }, 'extremes');
        const timing = { frames, delays: Array.from({ length: frames }, () => 50), loop: 0 };
        const bytes = await encodeAnimation({ raster, timing }, { preset, credits: {} });
        expect(bytes.length).toBeLessThanOrEqual(mostVariantBytes('webp', size, frames, preset));
      }
  });

  it('the bound includes the credits of a variant', async () => {
    const preset = presetOf({ width: 10, formats: ['webp'], metadata: ['copyright', 'creator', 'credit'] });
    const [quoted, roman] = ['&'.repeat(2000), 'Ⅷ'.repeat(2000)];
    const credits = { copyright: quoted, creator: roman, credit: quoted };
    const size = { width: 1, height: 1 };
    const bytes = await encode(noise(size, 'bytes'), 'webp', { preset, credits });
    expect(bytes.length).toBeGreaterThan(20_000);
    expect(bytes.length).toBeLessThanOrEqual(mostVariantBytes('webp', size, 1, preset));
  });
});

describe('all variants of an image', () => {
  const settings = (presets: SluiceConfig['presets'], limits: SluiceConfig['limits'] = {}) =>
    configSchema.parse({ presets, limits });
  const kept = {
    formats: ['webp', 'jpeg'] as ('webp' | 'jpeg')[],
    quality: { webp: 100, jpeg: 100, avif: 100 },
  };

  it('the bound of an image is the sum over its presets and their formats', () => {
    const presets = {
      a: { width: 100, height: 50 },
      b: { width: 10, height: 10, formats: ['png'] as ['png'] },
    };
    const both = settings(presets);
    const one = (format: VariantFormat, width: number, height: number, name: 'a' | 'b') =>
      mostVariantBytes(format, { width, height }, 1, presetOf(presets[name]));
    const a = one('webp', 100, 50, 'a') + one('jpeg', 100, 50, 'a');
    expect(mostAnswerBytes(both, ['a'], 'jpeg')).toBe(a);
    expect(mostAnswerBytes(both, ['a', 'b'], 'jpeg')).toBe(a + one('png', 10, 10, 'b'));
    expect(mostAnswerBytes(both, [], 'jpeg')).toBe(0);
    expect(mostAnswerBytes(both, ['gone'], 'jpeg')).toBe(0);
  });

  it('variants have at most the pixels of their image unless a preset enlarges it', () => {
    const limits = { maxPixels: 1_000_000, maxPixelsJpeg: 4_000_000 };
    const of = (more: object, type: 'png' | 'jpeg') =>
      mostAnswerBytes(settings({ a: { width: 4000, height: 4000, ...kept, ...more } }, limits), ['a'], type);
    expect(of({}, 'png')).toBeLessThan(11_000_000);
    expect(of({}, 'jpeg')).toBeGreaterThan(39_000_000);
    for (const more of [{ enlarge: true }, { fit: 'contain' }])
      expect(of(more, 'png')).toBeGreaterThan(150_000_000);
  });

  it('the bound of an animated type is that of an animation, and without a type the maximum of all types', () => {
    const limits = { maxFramePixels: 3_000_000, maxPages: 100 };
    const of = (animation: 'keep' | 'first', type?: 'gif' | 'png') =>
      mostAnswerBytes(settings({ a: { width: 100, height: 100, animation } }, limits), ['a'], type);
    expect(of('keep', 'png')).toBe(of('first', 'gif'));
    expect(of('keep', 'gif')).toBeGreaterThan(20 * of('first', 'gif'));
    expect(of('keep')).toBe(of('keep', 'gif'));
    const thin = mostVariantBytes('webp', { width: 1, height: 30_000 }, 100, presetOf({ width: 100 }));
    expect(of('keep', 'gif')).toBeGreaterThan(thin);
  });

  it('the bound of a photograph is 14 MB as WebP and JPEG of quality 80, and 33 by the default score', () => {
    const names = ['large', 'medium', 'small'];
    const plain = mostAnswerBytes(resolveConfig(defaultConfig), names, 'jpeg');
    expect(Math.round(plain / 1e6)).toBe(14);
    expect(Math.round(mostAnswerBytes(resolveConfig(shipped), names, 'jpeg') / 1e6)).toBe(33);
  });
});

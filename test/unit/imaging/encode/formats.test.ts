import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { contentTypeOf } from '../../../../lambda/domain/image.ts';
import { draw, noise, quartered } from '../fixtures.ts';
import { bytesOf, made } from '../in-process.ts';

const inputs = { avif: true };

describe('formats', () => {
  it('a variant has the format that it declares', async () => {
    const decoded = await made(await draw(quartered(40, 30)).png().toBuffer(), {
      a: { width: 40, formats: ['webp', 'jpeg', 'png', 'avif'] },
    });
    for (const { format, contentType, bytes } of decoded.variants) {
      const found = await sharp(bytes).metadata();
      expect(found.format).toBe(format === 'avif' ? 'heif' : format);
      expect(contentType).toBe(contentTypeOf(format));
      expect([found.width, found.height, found.space]).toEqual([40, 30, 'srgb']);
    }
    expect(decoded.variants).toHaveLength(4);
  });

  it.each([
    ['jpeg', 'jpeg'],
    ['png', 'png'],
    ['webp', 'webp'],
    ['gif', 'webp'],
    ['tiff', 'png'],
    ['avif', 'avif'],
  ] as const)('the format `original` of a %s is %s', async (format, expected) => {
    const image = await draw(quartered(40, 30))[format]().toBuffer();
    const { variants } = await made(image, { a: { width: 20, formats: ['original'] } }, { inputs });
    expect(variants.map((variant) => variant.format)).toEqual([expected]);
  });

  it('a format that is also the original one is made once', async () => {
    const image = await draw(quartered(40, 30)).webp().toBuffer();
    const { variants } = await made(image, { a: { width: 20, formats: ['webp', 'original', 'jpeg'] } });
    expect(variants.map(({ format }) => format)).toEqual(['webp', 'jpeg']);
  });

  it('quality and effort change the bytes', async () => {
    const image = await draw(noise(200, 200)).blur(2).png().toBuffer();
    const decoded = await made(image, {
      low: { width: 200, formats: ['webp', 'jpeg', 'avif'], quality: { webp: 30, jpeg: 30, avif: 20 } },
      high: { width: 200, formats: ['webp', 'jpeg', 'avif'], quality: { webp: 95, jpeg: 95, avif: 80 } },
      flat: { width: 200, formats: ['png'], effort: { png: 0 } },
      deep: { width: 200, formats: ['png', 'jpeg'], effort: { png: 9, jpeg: 1 }, quality: { jpeg: 30 } },
      fast: { width: 200, formats: ['webp'], profile: 'fast', quality: { webp: 30 } },
    });
    const size = (name: string) => bytesOf(decoded, name).length;
    for (const format of ['webp', 'jpeg', 'avif'])
      expect(size(`low.${format}`)).toBeLessThan(size(`high.${format}`) * 0.7);
    expect(size('deep.png')).toBeLessThan(size('flat.png'));
    // Trellis quantisation, whose files are progressive.
    expect(size('deep.jpeg')).toBeLessThan(size('low.jpeg'));
    expect((await sharp(bytesOf(decoded, 'deep.jpeg')).metadata()).isProgressive).toBe(true);
    expect(bytesOf(decoded, 'fast.webp').equals(bytesOf(decoded, 'low.webp'))).toBe(false);
  });

  it('the same image and preset give the same bytes', async () => {
    const image = await draw(noise(300, 200)).jpeg().toBuffer();
    const presets = {
      a: {
        width: 100,
        sharpen: 0.7,
        formats: ['webp' as const, 'jpeg' as const, 'png' as const, 'avif' as const],
      },
    };
    const [once, again] = [await made(image, presets), await made(image, presets)];
    expect(once.variants.map(({ bytes }) => bytes)).toEqual(again.variants.map(({ bytes }) => bytes));
  });
});

describe('presets with the same result for an image', () => {
  it('presets share a picture for a small image, and differ for a large one', async () => {
    const presets = {
      large: { width: 400 },
      medium: { width: 200 },
      soft: { width: 400, quality: { webp: 50 } },
    };
    const of = async (side: number) =>
      new Map(
        (await made(await draw(noise(side, side)).jpeg().toBuffer(), presets)).variants.map((v) => [
          `${v.preset}.${v.format}`,
          v.bytes,
        ]),
      );
    const small = await of(100);
    expect(small.get('large.webp')).toBe(small.get('medium.webp'));
    expect(small.get('soft.webp')?.equals(small.get('large.webp') ?? Buffer.alloc(0))).toBe(false);
    const large = await of(500);
    expect(large.get('large.webp')?.equals(large.get('medium.webp') ?? Buffer.alloc(0))).toBe(false);
    expect([...large.keys()]).toEqual(
      ['large', 'medium', 'soft'].flatMap((name) => [`${name}.webp`, `${name}.jpeg`]),
    );
  });

  it('a JPEG of quality 90 and above has no chroma subsampling', async () => {
    const image = await draw(quartered(64, 48)).png().toBuffer();
    const decoded = await made(image, {
      low: { width: 64, formats: ['jpeg'], quality: { jpeg: 89 } },
      high: { width: 64, formats: ['jpeg'], quality: { jpeg: 90 } },
      trellis: { width: 64, formats: ['jpeg'], quality: { jpeg: 95 }, effort: { jpeg: 1 } },
    });
    const sampling = async (name: string) =>
      (await sharp(bytesOf(decoded, name)).metadata()).chromaSubsampling;
    expect(await sampling('low.jpeg')).toBe('4:2:0');
    expect([await sampling('high.jpeg'), await sampling('trellis.jpeg')]).toEqual(['4:4:4', '4:4:4']);
  });
});

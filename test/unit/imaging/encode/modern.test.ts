import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { draw as drawn } from '../../../../bench/codecs/pictures/draw.ts';
import { drawScene } from '../../../../bench/imaging/photographs/scene.ts';
import { mostFinePixels } from '../../../../lambda/domain/formats.ts';
import type { FormatChoice } from '../../../../lambda/domain/image.ts';
import { codecs } from '../../../../lambda/imaging/codecs.ts';
import { stillsOf } from '../../../../lambda/imaging/encode/still.ts';
import type { Raster } from '../../../../lambda/imaging/raster.ts';
import type { SluiceConfig } from '../../../../lib/config/schema.ts';
import { presetOf } from '../../../support/recipes.ts';
import { draw, grain, type Pixels, pixelsIn, plain } from '../fixtures.ts';
import { bytesOf, made, pixelsOf } from '../in-process.ts';
import { itemsOf, referencesOf } from './avif-items.ts';
import { cutOut } from './cut-out.ts';

type Quality = SluiceConfig['presets'][string]['quality'];
const onlyModern: FormatChoice[] = ['modern'];
const withJpeg: FormatChoice[] = ['modern', 'jpeg'];

/** The variants of a preset that leaves the picture's size as it is. */
async function variantsOf(pixels: Pixels, formats: FormatChoice[], quality?: Quality) {
  const png = await draw(pixels).png().toBuffer();
  const preset = { width: pixels.width, height: pixels.height, formats };
  return made(png, { a: quality === undefined ? preset : { ...preset, quality } });
}

async function formatsIn(pixels: Pixels, formats: FormatChoice[], quality?: Quality): Promise<string[]> {
  return (await variantsOf(pixels, formats, quality)).variants.map(({ format }) => format);
}

async function photograph(): Promise<Pixels> {
  const { pixels, width, height } = await drawScene(160, 120, 3);
  return { data: pixels, width, height, channels: 3 };
}

/** Drawn as SVG, whose loader the pipeline keeps closed. */
async function textPage(): Promise<Pixels> {
  const loader = { operation: ['VipsForeignLoadSvgBuffer'] };
  codecs.unblock(loader);
  try {
    return await drawn('text', 1, 480, () => Promise.reject(new Error('text has no photograph')));
  } finally {
    codecs.block(loader);
  }
}

function withAlpha({ data, width, height }: Pixels, alpha: number): Pixels {
  const pixels = Buffer.alloc(width * height * 4, alpha);
  for (let at = 0; at < width * height; at++) data.copy(pixels, at * 4, at * 3, at * 3 + 3);
  return { data: pixels, width, height, channels: 4 };
}

describe('the format `modern`', () => {
  it('is AVIF for a photograph', async () => {
    const photo = await photograph();
    expect(await formatsIn(photo, onlyModern)).toEqual(['avif']);
  });

  it('is AVIF without alpha for a photograph whose alpha is 255 everywhere', async () => {
    const photo = await photograph();
    const variants = await variantsOf(withAlpha(photo, 255), onlyModern);
    expect(variants.variants.map(({ format }) => format)).toEqual(['avif']);
    const avif = bytesOf(variants, 'a.avif');
    expect([itemsOf(avif).length, referencesOf(avif)]).toEqual([1, []]);
    expect(avif.equals(bytesOf(await variantsOf(photo, onlyModern), 'a.avif'))).toBe(true);
  });

  it('is WebP with alpha for a cut-out, also beside a JPEG', async () => {
    const raster = withAlpha(await photograph(), 255);
    const star = cutOut(raster.width, raster.height);
    for (let at = 3; at < raster.data.length; at += 4) raster.data[at] = star.data[at] as number;
    const variants = await variantsOf(raster, withJpeg);
    expect(variants.variants.map(({ format }) => format)).toEqual(['webp', 'jpeg']);
    const { data, channels } = await pixelsOf(variants, 'a.webp');
    expect(channels).toBe(4);
    const alphas = (pixels: Buffer) => Buffer.from(pixels.filter((_, at) => at % 4 === 3));
    expect(alphas(data).equals(alphas(raster.data))).toBe(true);
  });

  it('is WebP for a photograph with one pixel of an alpha of 254', async () => {
    const pixels = withAlpha(await photograph(), 255);
    pixels.data[pixels.data.length - 1] = 254;
    expect(await formatsIn(pixels, onlyModern)).toEqual(['webp']);
  });

  it('is WebP that loses nothing for a page of text', async () => {
    const page = await textPage();
    const variants = await variantsOf(page, ['modern', 'png']);
    expect(variants.variants.map(({ format }) => format)).toEqual(['webp', 'png']);
    const [webp, png] = [await pixelsOf(variants, 'a.webp'), await pixelsOf(variants, 'a.png')];
    expect(webp.channels).toBe(png.channels);
    expect(webp.data.equals(png.data)).toBe(true);
  });

  it('is animated WebP for an animation, and a JPEG shows its first frame', async () => {
    const frames = [plain(40, 30, [200, 30, 30]), plain(40, 30, [30, 200, 30]), plain(40, 30, [30, 30, 200])];
    const data = Buffer.concat(frames.map((frame) => frame.data));
    const gif = await sharp(data, { raw: { width: 40, height: 90, channels: 3, pageHeight: 30 } })
      .gif({ delay: [100, 100, 100] })
      .toBuffer();
    const { variants } = await made(gif, { a: { width: 40, formats: withJpeg } });
    expect(variants.map(({ format, frames }) => [format, frames])).toEqual([
      ['webp', 3],
      ['jpeg', 1],
    ]);
  });

  it('is WebP for more pixels than AVIF is made of', async () => {
    const encoding = {
      preset: presetOf({ width: 4200, formats: onlyModern, effort: { webp: 0 } }),
      credits: {},
    };
    /** A faint grain, which takes many bytes without loss. */
    const grainOf = (width: number, height: number): Raster => {
      const grain = Buffer.from(Array.from({ length: 997 }, (_, at) => 126 + ((at * 389) % 5)));
      return { data: Buffer.alloc(width * height * 3, grain), width, height, channels: 3 };
    };
    const formatOf = async (width: number, height: number) =>
      (await stillsOf(grainOf(width, height), encoding)('modern'))?.format;
    expect(mostFinePixels).toBe(4200 * 2000);
    expect([await formatOf(4200, 2000), await formatOf(4200, 2001)]).toEqual(['avif', 'webp']);
  });
});

describe('the format `modern` of small pictures', () => {
  // Of so few pixels an AVIF is mostly boxes, which take 300 bytes.
  it.each([
    [99, 101, 'webp'],
    [100, 100, 'avif'],
  ])('of %i × %i pixels is %s', async (width, height, format) => {
    const { pixels } = await drawScene(width, height, 3);
    expect(await formatsIn({ data: pixels, width, height, channels: 3 }, onlyModern)).toEqual([format]);
  });
});

describe('the format `modern` beside a PNG', () => {
  const withPng: FormatChoice[] = ['modern', 'png'];

  it('is missing where the PNG is smaller, which loses nothing', async () => {
    // Of one colour, WebP is smaller, which loses nothing either; of a regular pattern, which it rounds, the PNG.
    const one = plain(120, 90, [40, 120, 90]);
    for (const pixels of [one, withAlpha(one, 128)])
      expect(await formatsIn(pixels, withPng)).toEqual(['webp', 'png']);
    for (const pattern of [plain(120, 90, [0, 0, 0]), withAlpha(one, 128)]) {
      const { data, channels } = pattern;
      for (let at = 0; at < data.length; at += channels) data.fill(at % 7 < 3 ? 255 : 0, at, at + 3);
      expect(await formatsIn(pattern, withPng)).toEqual(['png']);
    }
  });

  it('is there where it is smaller than the PNG', async () => {
    expect(await formatsIn(await photograph(), withPng)).toEqual(['avif', 'png']);
  });
});

describe('the format `modern` beside a JPEG', () => {
  it.each([
    ['no alpha', false],
    ['an alpha of 255 everywhere', true],
  ])('is missing where the JPEG of a picture with %s is smaller', async (_, hasAlpha) => {
    const pixels = hasAlpha ? withAlpha(grain(160, 120), 255) : grain(160, 120);
    expect(await formatsIn(pixels, withJpeg, 'standard')).toEqual(['jpeg']);
    expect(await formatsIn(pixels, onlyModern, 'standard')).toEqual(['avif']);
  });

  it('is there where it is smaller than the JPEG', async () => {
    expect(await formatsIn(await photograph(), withJpeg, 'standard')).toEqual(['avif', 'jpeg']);
  });

  // As numbers promise no equal score, a smaller JPEG can be a much worse one.
  it('is there for encoders’ numbers, however small the JPEG', async () => {
    const photo = await photograph();
    for (const numbers of [
      { avif: 30, jpeg: 95 },
      { avif: 95, jpeg: 30 },
    ])
      expect(await formatsIn(photo, withJpeg, numbers)).toEqual(['avif', 'jpeg']);
  });

  it('is there for transparent pixels, however small the JPEG', async () => {
    const variants = await variantsOf(withAlpha(await photograph(), 128), withJpeg, { webp: 100, jpeg: 1 });
    const [webp, jpeg] = [bytesOf(variants, 'a.webp'), bytesOf(variants, 'a.jpeg')];
    expect(jpeg.length).toBeLessThan(webp.length / 2);
    expect((await pixelsIn(webp)).channels).toBe(4);
  });
});

import { setImmediate } from 'node:timers/promises';
import sharp from 'sharp';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { encode } from '../../../lambda/imaging/encode/encode.ts';
import { PixelScope } from '../../../lambda/imaging/pixel-scope.ts';
import type { Raster, Size } from '../../../lambda/imaging/raster.ts';
import { cropAt } from '../../../lambda/imaging/shape/crop.ts';
import { resize } from '../../../lambda/imaging/shape/resize.ts';
import type { SluiceConfig } from '../../../lib/config/schema.ts';
import { presetOf } from '../../support/recipes.ts';
import { tableProfile } from './colour/profiles.ts';
import { draw, plain } from './fixtures.ts';
import { made } from './in-process.ts';
import { pngWith, profileChunk } from './inspect/containers.ts';
import './watermark/bundled-font.ts';

const enough = 64 * 1024;

function raster(data: Buffer): Raster {
  return { data, width: data.length / 3, height: 1, channels: 3 };
}

describe('a scope at its end', () => {
  const lengthsAfter = (...held: Raster[]) => {
    {
      using pixels = new PixelScope();
      for (const one of held) pixels.own(one);
      expect(held.every(({ data }) => data.length > 0)).toBe(true);
    }
    return held.map(({ data }) => data.length);
  };

  it('a scope frees pixels with memory of their own', () => {
    expect(lengthsAfter(raster(Buffer.alloc(enough)))).toEqual([0]);
  });

  it('a scope does not free pixels in shared memory', () => {
    const strip = Buffer.alloc(2 * enough);
    expect(lengthsAfter(raster(strip.subarray(0, enough)))).toEqual([enough]);
    expect(strip.length).toBe(2 * enough);
  });

  it('a scope does not free small pixels', () => {
    expect(lengthsAfter(raster(Buffer.from(new ArrayBuffer(enough - 1))))).toEqual([enough - 1]);
  });

  it('a scope frees memory once, even if two rasters use it', () => {
    const one = raster(Buffer.alloc(enough));
    expect(lengthsAfter(one, { ...one })).toEqual([0, 0]);
  });

  it('a scope frees pixels after an error', () => {
    const one = raster(Buffer.alloc(enough));
    const failing = () => {
      using pixels = new PixelScope();
      pixels.own(one);
      throw new Error('a step failed');
    };
    expect(failing).toThrow('a step failed');
    expect(one.data.length).toBe(0);
  });

  it('a scope does not free pixels of another scope, or those that it returned', () => {
    using outer = new PixelScope();
    const [theirs, given] = [outer.own(raster(Buffer.alloc(enough))), raster(Buffer.alloc(enough))];
    {
      using inner = new PixelScope();
      inner.own(theirs);
      inner.free(theirs);
      inner.handOver(inner.own(given));
    }
    expect([theirs.data.length, given.data.length]).toEqual([enough, enough]);
    outer.own(given);
    outer.free(given);
    expect(given.data.length).toBe(0);
  });

  it('a scope frees replaced pixels early, unless the step returned them', () => {
    using pixels = new PixelScope();
    const [frame, picture] = [pixels.own(raster(Buffer.alloc(enough))), raster(Buffer.alloc(enough))];
    expect(pixels.replace(frame, { ...frame }).data.length).toBe(enough);
    expect(pixels.replace(frame, picture)).toBe(picture);
    expect([frame.data.length, picture.data.length]).toEqual([0, enough]);
  });
});

describe('pixels that a codec reads', () => {
  it('pixels are freed only after the codec has finished', async () => {
    using pixels = new PixelScope();
    const one = pixels.own(plain(400, 300, [7, 7, 7]) as Raster);
    const smaller = resize(one, { width: 200, height: 150 });
    const picture = encode(one, 'png', { preset: presetOf({ width: 400 }), credits: {} });
    expect(() => pixels.free(one)).toThrow('still reads');
    expect((await smaller).data.every((value) => value === 7)).toBe(true);
    expect(() => pixels[Symbol.dispose]()).toThrow('still reads');
    await picture;
    pixels.free(one);
    expect(one.data.length).toBe(0);
  });

  it('pixels can be freed after the codec failed', async () => {
    using pixels = new PixelScope();
    const one = pixels.own(plain(400, 300, [7, 7, 7]) as Raster);
    await expect(
      cropAt(one, { left: 300, top: 0 }, { canvas: { width: 200, height: 300 } }),
    ).rejects.toThrow();
    pixels.free(one);
    expect(one.data.length).toBe(0);
  });
});

const [width, height] = [1600, 1200];
const colour = [160, 120, 100];
const picture = () => draw(plain(width, height, colour));
const large = { width: 1500, height: 1125 };
const twice = (bytes: number) => [bytes, bytes];
const bytesOf = ({ width, height }: Size, channels = 3) => width * height * channels;

describe('rendering', () => {
  const clear = () => draw(plain(width, height, [...colour, 128]));
  const table = tableProfile([0, 30, 70, 80, 50, 60, 95, 100].map((lightness) => [lightness, 0, 0]));
  const film = () =>
    sharp(
      Buffer.concat([plain(width, height, [...colour, 255]).data, plain(width, height, [0, 0, 0, 255]).data]),
      { raw: { width, height: height * 2, channels: 4, pageHeight: height } },
    );
  interface Case {
    file: () => Promise<Buffer>;
    presets: NonNullable<SluiceConfig['presets']>;
    /** Bytes of each raster, computed by hand. */
    back: number[];
  }

  it.each<[string, Case]>([
    [
      'in two sizes',
      {
        file: () => picture().jpeg().toBuffer(),
        presets: { a: large, b: { width: 900 } },
        back: [bytesOf(large), bytesOf({ width: 900, height: 675 })],
      },
    ],
    [
      'upright',
      {
        file: () => picture().withMetadata({ orientation: 6 }).jpeg().toBuffer(),
        presets: { a: { width: 900 } },
        back: [bytesOf({ width: 1200, height: 900 }), bytesOf({ width: 900, height: 1200 })],
      },
    ],
    [
      'in sizes that are made of a larger one',
      {
        file: () => picture().jpeg().toBuffer(),
        presets: { a: large, b: { width: 1400 } },
        back: [bytesOf({ width, height }), bytesOf(large), bytesOf({ width: 1400, height: 1050 })],
      },
    ],
    [
      'cropped, then sharpened',
      {
        file: () => picture().png().toBuffer(),
        presets: { a: { width: 1300, height: 900, fit: 'cover', sharpen: 1 } },
        back: [...twice(bytesOf({ width: 1300, height: 900 })), bytesOf({ width: 1300, height: 975 })],
      },
    ],
    [
      'padded, then watermarked',
      {
        file: () => picture().png().toBuffer(),
        presets: { a: { width: 1500, height: 1500, fit: 'contain', watermarks: ['text'] } },
        back: [...twice(bytesOf({ width: 1500, height: 1500 })), bytesOf(large)],
      },
    ],
    [
      'transparent, on JPEG',
      {
        file: () => clear().png().toBuffer(),
        presets: { a: large },
        back: [bytesOf(large, 4)],
      },
    ],
    [
      'in 16 bits of Display P3',
      {
        file: () => picture().toColourspace('rgb16').withIccProfile('p3').png().toBuffer(),
        presets: { a: large },
        back: [2 * bytesOf(large), bytesOf(large)],
      },
    ],
    [
      'in a space of tables, by way of a TIFF',
      {
        file: async () => pngWith(await picture().png().toBuffer(), profileChunk('p', table)),
        presets: { a: large },
        back: [expect.toSatisfy((bytes) => bytes > bytesOf(large)), bytesOf(large)],
      },
    ],
    [
      'an animation: the second frame, the strip of the WebP, the first frame, the strip of the file, and the frame of the placeholder',
      {
        file: () =>
          film()
            .gif({ delay: [50, 50] })
            .toBuffer(),
        presets: { a: { width: 800 } },
        back: [
          bytesOf({ width: 800, height: 600 }, 4),
          bytesOf({ width: 800, height: 1200 }, 4),
          bytesOf({ width: 800, height: 600 }, 4),
          bytesOf({ width, height: 2 * height }, 4),
          bytesOf({ width: 800, height: 600 }, 4),
        ],
      },
    ],
    [
      'an animation with a watermark: the same, with the frames before it',
      {
        file: () =>
          film()
            .gif({ delay: [50, 50] })
            .toBuffer(),
        presets: { a: { width: 800, watermarks: ['text'] } },
        back: [
          ...Array.from({ length: 3 }, () => bytesOf({ width: 800, height: 600 }, 4)),
          bytesOf({ width: 800, height: 1200 }, 4),
          bytesOf({ width: 800, height: 600 }, 4),
          bytesOf({ width, height: 2 * height }, 4),
          bytesOf({ width: 800, height: 600 }, 4),
        ],
      },
    ],
  ])('rendering frees its pixels %s', async (_, { file, presets, back }) => {
    const given: number[] = [];
    const { transfer } = ArrayBuffer.prototype;
    const spy = vi.spyOn(ArrayBuffer.prototype, 'transfer').mockImplementation(function (
      this: ArrayBuffer,
      length,
    ) {
      given.push(this.byteLength);
      return transfer.call(this, length);
    });
    onTestFinished(() => spy.mockRestore());
    await made(await file(), presets, { watermarks: { text: { type: 'text', text: 'Sluice' } } });
    expect(given).toEqual(back);
  });
});

it('garbage collection has no image memory to free', async () => {
  const outside = async () => {
    await setImmediate();
    return process.memoryUsage().external;
  };
  const file = await picture().jpeg().toBuffer();
  const presets = { a: large, b: { width: 1000 } };
  await made(file, presets);
  const before = await outside();
  for (let time = 0; time < 3; time++) await made(file, presets);
  expect((await outside()) - before).toBeLessThan(bytesOf(large));
});

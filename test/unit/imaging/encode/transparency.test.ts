import { describe, expect, it } from 'vitest';
import { flatten } from '../../../../lambda/imaging/encode/flatten.ts';
import { colourAt, distance, draw, type Pixels, plain } from '../fixtures.ts';
import { made, pixelsOf } from '../in-process.ts';

/** Half transparent black on the left, opaque red on the right; what nobody sees is green. */
function halves(width: number, height: number): Pixels {
  const data = Buffer.alloc(width * height * 4);
  for (let at = 0; at < data.length; at += 4)
    data.set((at / 4) % width < width / 2 ? [0, 255, 0, 0] : [220, 10, 10, 255], at);
  return { data, width, height, channels: 4 };
}

describe('what is transparent', () => {
  it('stays transparent in WebP, PNG and AVIF', async () => {
    const image = await draw(halves(80, 40)).png().toBuffer();
    const decoded = await made(image, { a: { width: 40, formats: ['webp', 'png', 'avif'] } });
    for (const format of ['webp', 'png', 'avif']) {
      const pixels = await pixelsOf(decoded, `a.${format}`);
      expect(pixels.channels, format).toBe(4);
      expect(colourAt(pixels, 0.2, 0.5)[3], format).toBe(0);
      expect(colourAt(pixels, 0.8, 0.5)[3], format).toBe(255);
      expect(distance(colourAt(pixels, 0.8, 0.5).slice(0, 3), [220, 10, 10]), format).toBeLessThan(12);
    }
  });

  it.each([
    ['#ffffff', [255, 255, 255]],
    ['#3060c0', [48, 96, 192]],
    ['transparent', [255, 255, 255]],
  ] as const)('lies over the background %s on JPEG', async (background, seen) => {
    const image = await draw(halves(80, 40)).png().toBuffer();
    const pixels = await pixelsOf(
      await made(image, { a: { width: 40, background, formats: ['jpeg'] } }),
      'a.jpeg',
    );
    expect(distance(colourAt(pixels, 0.2, 0.5), seen)).toBeLessThan(6);
    expect(distance(colourAt(pixels, 0.8, 0.5), [220, 10, 10])).toBeLessThan(12);
  });

  it('lends no colour to the edge beside it when an image is resized', async () => {
    // Hidden green next to red: mixed without its alpha the edge would be brown.
    const decoded = await made(await draw(halves(90, 30)).png().toBuffer(), {
      a: { width: 31, formats: ['png'] },
    });
    const { data } = await pixelsOf(decoded, 'a.png');
    for (let at = 0; at < data.length; at += 4)
      if ((data[at + 3] ?? 0) > 8) expect(data[at + 1], `alpha ${data[at + 3]}`).toBeLessThan(40);
  });
});

describe('flattening', () => {
  const raster = (pixels: number[]) => ({
    data: Buffer.from(pixels),
    width: pixels.length / 4,
    height: 1,
    channels: 4 as const,
  });

  it('mixes light: half black over white is 188, where sRGB values would give 128', () => {
    const { data, channels } = flatten(raster([0, 0, 0, 128]), '#ffffff');
    expect(channels).toBe(3);
    // 0.498 of the light of white, by IEC 61966-2-1: 1.055 × 0.498^(1/2.4) − 0.055 = 0.7344, × 255 = 187.3
    for (const value of data) expect(Math.abs(value - 187)).toBeLessThanOrEqual(1);
  });

  it('leaves opaque pixels and the background to the bit, and any mix of a colour with itself', () => {
    const all = Array.from({ length: 256 }, (_, value) => [value, value, value, 255]).flat();
    expect([...flatten(raster(all), '#123456').data]).toEqual(all.filter((_, at) => at % 4 !== 3));
    expect([...flatten(raster([9, 9, 9, 0]), '#123456').data]).toEqual([0x12, 0x34, 0x56]);
    for (const alpha of [1, 77, 128, 254]) {
      const { data } = flatten(raster([0x12, 0x34, 0x56, alpha]), '#123456');
      expect(distance([...data], [0x12, 0x34, 0x56])).toBeLessThanOrEqual(1);
    }
  });

  it('gives an image without alpha back as it is', () => {
    const opaque = plain(4, 4, [1, 2, 3]) as Parameters<typeof flatten>[0];
    expect(flatten(opaque, '#ffffff')).toBe(opaque);
  });
});

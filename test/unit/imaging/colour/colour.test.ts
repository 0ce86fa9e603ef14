import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { withPlainFormats } from '../../../support/plain-formats.ts';
import { colourAt, distance, draw, noise, pixelsIn, plain } from '../fixtures.ts';
import { made, pixelsOf } from '../in-process.ts';
import { long, pageTags, short, tiffFile, undefinedTag } from '../inspect/containers.ts';
import { openLane, variantOf } from '../sandbox-folder.ts';
import { deltaE } from './colour-difference.ts';

const { decode, close } = openLane({
  presets: withPlainFormats({ large: { width: 400 }, small: { width: 40 } }),
});
afterAll(close);
const names = ['large.webp', 'large.jpeg', 'small.webp', 'small.jpeg'];

async function middles(file: Buffer): Promise<number[][]> {
  const decoded = await decode(file);
  return Promise.all(
    names.map(async (name) => colourAt(await pixelsIn(variantOf(decoded, name).bytes), 0.5, 0.5)),
  );
}

describe('conversion to 8-bit sRGB', () => {
  it.each([
    ['not resized', 300],
    ['resized', 900],
  ])('Display P3 is converted to sRGB, %s', async (_, width) => {
    const colour = [200, 60, 50];
    const file = await draw(plain(width, 200, colour))
      .withIccProfile('p3')
      .jpeg({ quality: 100 })
      .toBuffer();
    // The stored values differ much from the meant colour, so dropping the profile would be noticed.
    const held = colourAt(await pixelsIn(await sharp(file, { ignoreIcc: true }).png().toBuffer()), 0.5, 0.5);
    expect(distance(held, colour)).toBeGreaterThan(10);
    for (const middle of await middles(file)) expect(distance(middle, colour)).toBeLessThan(6);
  });

  it('16-bit Display P3 is converted to sRGB', async () => {
    const colour = [200, 60, 50];
    const file = await draw(plain(300, 200, colour))
      .toColourspace('rgb16')
      .withIccProfile('p3')
      .png()
      .toBuffer();
    expect(await sharp(file).metadata()).toMatchObject({ depth: 'ushort', hasProfile: true });
    for (const middle of await middles(file)) expect(distance(middle, colour)).toBeLessThan(6);
  });

  it('CMYK is converted to sRGB', async () => {
    const colour = [150, 110, 90];
    const file = await draw(plain(300, 200, colour))
      .toColourspace('cmyk')
      .jpeg({ quality: 100 })
      .toBuffer();
    expect(await sharp(file).metadata()).toMatchObject({ space: 'cmyk', channels: 4 });
    for (const middle of await middles(file)) {
      expect(middle).toHaveLength(3);
      expect(distance(middle, colour)).toBeLessThan(20);
    }
  });

  /** A uniform TIFF in inks of 0-255, with or without a profile. */
  function inks(colour: readonly number[], icc?: Buffer): Buffer {
    const lead = Buffer.alloc(16 * 16 * 4);
    for (let at = 0; at < lead.length; at += 4) lead.set(colour, at);
    const tags = pageTags(16, 16, 8).filter(({ id }) => ![258, 262, 277, 279].includes(id));
    const own = [short(258, 8, 8, 8, 8), short(262, 5), short(277, 4), long(279, lead.length)];
    return tiffFile({ lead, chain: [[...tags, ...own, ...(icc ? [undefinedTag(34675, icc)] : [])]] });
  }

  // Conversions by LittleCMS 2.19 in floating point, perceptual, with the press profile of libvips.
  it.each([
    [
      [0, 0, 0, 0],
      [255, 255, 255],
    ],
    [
      [255, 0, 0, 0],
      [0, 153.5, 227.2],
    ],
    [
      [0, 255, 0, 0],
      [233.8, 0, 128.2],
    ],
    [
      [0, 0, 255, 0],
      [255, 239.9, 0],
    ],
    [
      [0, 0, 0, 255],
      [19.6, 5.5, 0],
    ],
    [
      [200, 30, 10, 20],
      [0, 143.9, 194],
    ],
    [
      [20, 180, 160, 10],
      [212.2, 89.6, 80.6],
    ],
    [
      [60, 50, 55, 40],
      [163.1, 158.9, 156.1],
    ],
    [
      [10, 5, 90, 0],
      [247.8, 238.5, 164.8],
    ],
  ])('the inks %j are converted alike with and without a profile', async (ink, expected) => {
    const press = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#fff' } })
      .toColourspace('cmyk')
      .withIccProfile('cmyk')
      .tiff()
      .toBuffer();
    const { icc } = await sharp(press).metadata();
    for (const file of [inks(ink), inks(ink, icc), inks(ink, Buffer.from('broken'))]) {
      expect(await sharp(file).metadata()).toMatchObject({ space: 'cmyk' });
      const { data } = await pixelsOf(await made(file, { all: { width: 64, formats: ['png'] } }), 'all.png');
      expect(deltaE([...data.subarray(0, 3)], expected)).toBeLessThan(2);
    }
  });

  it('16-bit images are converted to 8-bit sRGB', async () => {
    const file = await draw(plain(300, 200, [10, 128, 240]))
      .toColourspace('rgb16')
      .png()
      .toBuffer();
    expect((await sharp(file).metadata()).depth).toBe('ushort');
    for (const middle of await middles(file)) expect(distance(middle, [10, 128, 240])).toBeLessThan(6);
  });

  it('grey images are converted to sRGB', async () => {
    const file = await draw(plain(300, 200, [90]))
      .toColourspace('b-w')
      .jpeg()
      .toBuffer();
    expect((await sharp(file).metadata()).channels).toBe(1);
    for (const middle of await middles(file)) expect(distance(middle, [90, 90, 90])).toBeLessThan(4);
  });

  it('an invalid profile is ignored', async () => {
    const colour = [200, 60, 50];
    const file = await draw(plain(300, 200, colour))
      .withIccProfile('p3')
      .jpeg({ quality: 100 })
      .toBuffer();
    const profile = file.indexOf('ICC_PROFILE\0');
    file.fill(0x41, profile + 14 + 4, profile + 14 + 200);
    for (const middle of await middles(file)) expect(middle).toHaveLength(3);
  });
});

describe('alpha', () => {
  it('alpha is kept in WebP and blended with white in JPEG', async () => {
    const file = await draw(plain(300, 200, [255, 0, 0, 128]))
      .png()
      .toBuffer();
    const [largeWebp, largeJpeg, smallWebp, smallJpeg] = await middles(file);
    for (const middle of [largeWebp, smallWebp]) {
      expect(middle?.[3]).toBe(128);
      expect(distance(middle?.slice(0, 3) ?? [], [255, 0, 0])).toBeLessThan(6);
    }
    for (const middle of [largeJpeg, smallJpeg])
      expect(distance(middle ?? [], [255, 127, 127])).toBeLessThan(8);
  });

  it('alpha of a grey image is kept', async () => {
    const file = await draw(plain(300, 200, [90, 128]))
      .toColourspace('b-w')
      .png()
      .toBuffer();
    expect((await sharp(file).metadata()).channels).toBe(2);
    const [webp, jpeg] = await middles(file);
    expect(webp?.[3]).toBe(128);
    expect(distance(jpeg ?? [], [172, 172, 172])).toBeLessThan(8);
  });

  it('colours of transparent pixels do not bleed into a smaller size', async () => {
    // Left half opaque red, right half transparent green: without premultiplying, the seam turns green.
    const data = Buffer.alloc(300 * 200 * 4);
    for (let at = 0; at < data.length; at += 4)
      data.set((at / 4) % 300 < 145 ? [255, 0, 0, 255] : [0, 255, 0, 0], at);
    const decoded = await decode(await draw({ data, width: 300, height: 200, channels: 4 }).png().toBuffer());
    const small = await pixelsIn(variantOf(decoded, 'small.jpeg').bytes);
    for (let x = 0; x < 40; x++) {
      const [red = 0, green = 0] = colourAt(small, (x + 0.5) / 40, 0.5);
      expect(green).toBeLessThanOrEqual(red + 16);
    }
  });
});

describe('metadata', () => {
  const secret = 'canary-4711';

  it.each(['jpeg', 'png', 'webp', 'tiff'] as const)('all metadata of a %s is removed', async (format) => {
    const file = await draw(noise(500, 300))
      .withExif({ IFD0: { Copyright: secret, Artist: secret }, IFD3: { GPSLatitudeRef: 'N' } })
      .withXmp(`<x:xmpmeta xmlns:x="adobe:ns:meta/"><secret>${secret}</secret></x:xmpmeta>`)
      .withIccProfile('p3')
      [format]()
      .toBuffer();
    expect(file.includes(secret)).toBe(true);
    for (const { bytes } of (await decode(file)).variants) {
      expect(bytes.includes(secret)).toBe(false);
      const { exif, xmp, icc, iptc, comments } = await sharp(bytes).metadata();
      expect([exif, xmp, icc, iptc, comments]).toEqual([
        undefined,
        undefined,
        undefined,
        undefined,
        undefined,
      ]);
    }
  });
});

describe('an animation in formats without animation', () => {
  it('the first frame of an animated GIF is used', async () => {
    const frames = await Promise.all(
      [
        [200, 0, 0],
        [0, 0, 200],
      ].map((colour) =>
        draw(plain(60, 40, colour))
          .png()
          .toBuffer(),
      ),
    );
    const file = await sharp(frames, { join: { animated: true } })
      .gif()
      .toBuffer();
    expect((await sharp(file).metadata()).pages).toBe(2);
    for (const middle of await middles(file))
      expect(distance(middle.slice(0, 3), [200, 0, 0])).toBeLessThan(12);
  });
});

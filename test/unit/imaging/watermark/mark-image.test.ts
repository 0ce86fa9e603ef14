import { crc32, deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import type { ImageWatermark } from '../../../../lambda/domain/watermark.ts';
import { watermarkOf } from '../../../support/recipes.ts';
import { colourAt, distance, draw, type Pixels, plain, quartered, quarters, storedAs } from '../fixtures.ts';
import { painted, ring } from './grounds.ts';
import { acme, boxOf, ground, markerOf, rasterOf } from './marker.ts';

/** Draws a file over the whole of a ground of 80 × 60 pixels. */
async function laid(
  file: Buffer,
  extra: Partial<ImageWatermark> = {},
  below = ground(80, 60, [100, 100, 100]),
) {
  const whole = { gravity: 'center', scale: 1, margin: 0, opacity: 1 } as const;
  const mark = watermarkOf({ type: 'image', path: 'mark', ...whole, ...extra });
  return markerOf({ mark }, { mark: file }).over(below, ['mark'], acme);
}
/** Colours within the gamut of printing inks. */
const colour = [160, 120, 100] as const;
const picture = (pixels = plain(40, 30, colour)) => draw(pixels);

describe('the file of an image watermark', () => {
  it.each([
    ['PNG', () => picture().png().toBuffer(), 0],
    ['PNG of 16 bits', () => picture().toColourspace('rgb16').png().toBuffer(), 1],
    ['WebP', () => picture().webp({ lossless: true }).toBuffer(), 0],
    ['JPEG', () => picture().jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer(), 2],
    ['TIFF', () => picture().tiff({ compression: 'lzw' }).toBuffer(), 0],
    ['AVIF', () => picture().avif({ lossless: true, effort: 0 }).toBuffer(), 3],
    ['GIF', () => picture().gif().toBuffer(), 2],
    // As near as a conversion to inks and back can be.
    ['CMYK JPEG', () => picture().toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer(), 8],
  ])('the file of a watermark may be a %s', async (_, file, tolerance) => {
    const pixel = colourAt(await laid(await file()), 0.5, 0.5);
    expect(distance(pixel, colour)).toBeLessThanOrEqual(tolerance);
  });

  it.each([
    ['grey', (png: Sharp) => png, [100, 100, 100]],
    ['grey of 16 bits', (png: Sharp) => png.toColourspace('grey16'), [100, 100, 100]],
  ])('the file of a watermark may be %s, with and without alpha', async (_, as, expected) => {
    const file = (alpha?: number) => {
      const pixels = picture(plain(40, 30, [100, 100, 100, ...(alpha === undefined ? [] : [alpha])]));
      return as(pixels.toColourspace('b-w')).png().toBuffer();
    };
    expect(colourAt(await laid(await file(), {}, ground(80, 60, [0, 0, 0])), 0.5, 0.5)).toEqual(expected);
    const half = colourAt(await laid(await file(128), {}, ground(80, 60, [0, 0, 0])), 0.5, 0.5);
    expect(distance(half, [50, 50, 50])).toBeLessThanOrEqual(1);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'a watermark is turned upright from EXIF orientation %s',
    async (orientation) => {
      const stored = storedAs(quartered(40, 30), orientation);
      const file = await draw(stored).jpeg({ quality: 95 }).withMetadata({ orientation }).toBuffer();
      const below = ground(80, 60, [100, 100, 100]);
      const marked = await laid(file, {}, below);
      expect(boxOf(marked, below)).toEqual({ left: 0, top: 0, right: 79, bottom: 59 });
      for (const [index, expected] of quarters.entries())
        expect(
          distance(colourAt(marked, 0.25 + 0.5 * (index % 2), index < 2 ? 0.25 : 0.75), expected),
        ).toBeLessThan(12);
    },
  );

  it('a watermark is converted from its profile to sRGB', async () => {
    const profile = (await sharp(await picture().withIccProfile('p3').png().toBuffer()).metadata())
      .icc as Buffer;
    const file = withProfile(await picture().png().toBuffer(), profile);
    expect(distance(colourAt(await laid(file), 0.5, 0.5), fromDisplayP3(colour))).toBeLessThanOrEqual(2);
  });

  it('an animated watermark is drawn by its first frame', async () => {
    const frames = [colour, [0, 0, 255]].map((fill) =>
      picture(plain(40, 30, fill))
        .png()
        .toBuffer(),
    );
    const joined = sharp(await Promise.all(frames), { join: { animated: true } });
    const file = await joined.webp({ lossless: true, delay: [100, 100] }).toBuffer();
    expect((await sharp(file).metadata()).pages).toBe(2);
    const marked = await laid(file);
    for (const [x, y] of [
      [0.1, 0.1],
      [0.9, 0.9],
    ] as const)
      expect(colourAt(marked, x, y)).toEqual([...colour]);
  });
});

describe('the edge of a watermark', () => {
  const disc = (inside: readonly number[], outside: readonly number[]) => {
    const { data, ...rest } = ring(64);
    const recoloured = painted(rest.width, rest.height, (x, y) => {
      const alpha = data[(y * rest.width + x) * 4 + 3] as number;
      return [...(alpha === 0 ? outside : inside), alpha];
    });
    return draw(recoloured).png().toBuffer();
  };

  it.each([
    ['white', 255, 0],
    ['black', 0, 255],
  ])(
    'a watermark of %s on transparent pixels of the opposite colour has no fringe, at any size and angle',
    async (_, inside, outside) => {
      const same = [inside, inside, inside];
      const file = await disc(same, [outside, outside, outside]);
      for (const extra of [{}, { scale: 0.3 }, { rotation: 33 }, { rotation: 33, scale: 0.3, tile: true }]) {
        const { data: opaque } = await laid(file, extra, ground(80, 60, same));
        for (const value of opaque) expect(Math.abs(value - inside)).toBeLessThanOrEqual(1);
        // Over transparent pixels only the mark's own colours are visible.
        const { data } = await laid(file, extra, ground(80, 60, [outside, outside, outside, 0]));
        for (let at = 0; at < data.length; at += 4) {
          const strange = Math.abs((data[at] as number) - inside) * ((data[at + 3] as number) / 255);
          expect(strange).toBeLessThanOrEqual(1);
        }
      }
    },
  );

  it('a turned watermark has a soft edge', async () => {
    const file = await draw(plain(40, 30, [255, 255, 255]))
      .png()
      .toBuffer();
    const tones = (marked: Pixels) => new Set(marked.data).size;
    expect(tones(await laid(file, { scale: 0.5 }, ground(80, 60, [0, 0, 0])))).toBe(2);
    expect(tones(await laid(file, { scale: 0.5, rotation: 10 }, ground(80, 60, [0, 0, 0])))).toBeGreaterThan(
      10,
    );
  });
});

describe('rotation', () => {
  it.each([
    [90, [2, 0, 3, 1]],
    [180, [3, 2, 1, 0]],
    [-180, [3, 2, 1, 0]],
    [-90, [1, 3, 0, 2]],
  ] as const)('rotation by %s degrees is clockwise and exact', async (rotation, expected) => {
    const file = await draw(quartered(40, 40)).png().toBuffer();
    const marked = await laid(file, { rotation, scale: 0.5 });
    for (const [place, quarter] of expected.entries()) {
      const [x, y] = [place % 2 === 0 ? 0.4 : 0.6, place < 2 ? 0.4 : 0.6];
      expect(colourAt(marked, x, y), `place ${place}`).toEqual([...(quarters[quarter] as readonly number[])]);
    }
  });

  it('rotation is about the centre', async () => {
    const file = await draw(plain(60, 20, [255, 255, 255]))
      .png()
      .toBuffer();
    for (const rotation of [0, 15, 45, 90, -120, 180]) {
      const marked = await laid(file, { rotation, scale: 0.5 }, ground(101, 81, [0, 0, 0]));
      const { x, y, weight } = centreOf(marked);
      // Half a pixel, if the sides of mark and ground are not both even.
      expect(Math.abs(x - 50.5), `${rotation}`).toBeLessThan(0.6);
      expect(Math.abs(y - 40.5), `${rotation}`).toBeLessThan(0.6);
      expect(weight, `${rotation}`).toBeCloseTo(50 * 17, -1.2);
    }
  });
});

describe('opacity', () => {
  it.each([
    ['opaque', 255],
    ['half transparent', 128],
    ['transparent', 0],
  ])('opacity is applied once over what is %s', async (_, alpha) => {
    const file = await draw(plain(40, 30, [200, 40, 20, 128]))
      .png()
      .toBuffer();
    const pixel = colourAt(
      await laid(file, { opacity: 0.5 }, ground(80, 60, [20, 60, 220, alpha])),
      0.5,
      0.5,
    );
    // "Over" of Porter and Duff, with the mark's alpha halved.
    const [share, below] = [(128 / 255) * 0.5, alpha / 255];
    const whole = share + below * (1 - share);
    const mixed = [200, 40, 20].map(
      (value, c) => (value * share + ([20, 60, 220][c] as number) * below * (1 - share)) / whole,
    );
    expect(distance(pixel, [...mixed, whole * 255])).toBeLessThanOrEqual(1.5);
  });

  it('a watermark never makes a background less opaque', async () => {
    const file = await draw(ring(64)).png().toBuffer();
    for (const alpha of [0, 128, 255]) {
      const { data } = await laid(file, { opacity: 0.3 }, ground(80, 60, [20, 60, 220, alpha]));
      for (let at = 3; at < data.length; at += 4) expect(data[at]).toBeGreaterThanOrEqual(alpha);
    }
  });
});

it('blending never writes to its input, with or without alpha', async () => {
  const file = await draw(ring(64)).png().toBuffer();
  for (const colours of [
    [9, 9, 9],
    [9, 9, 9, 9],
  ]) {
    const below = rasterOf(plain(80, 60, colours));
    const before = Buffer.from(below.data);
    await laid(file, { tile: true, scale: 0.2 }, below);
    expect(below.data.equals(before)).toBe(true);
  }
});

/** The centre of the non-black area, and its size in white pixels. */
function centreOf({ data, width, channels }: Pixels): { x: number; y: number; weight: number } {
  let [x, y, weight] = [0, 0, 0];
  for (let at = 0; at < data.length; at += channels) {
    const share = (data[at] as number) / 255;
    x += share * (((at / channels) % width) + 0.5);
    y += share * (Math.floor(at / channels / width) + 0.5);
    weight += share;
  }
  return { x: x / weight, y: y / weight, weight };
}

/** A PNG whose unconverted values are tagged with a profile: an iCCP chunk after IHDR (PNG 3, 11.3.2.3). */
function withProfile(png: Buffer, profile: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from('iCCPx\0\0', 'latin1'), deflateSync(profile)]);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(body.length - 4, 0);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  const afterHeader = 8 + 25;
  return Buffer.concat([png.subarray(0, afterHeader), chunk, png.subarray(afterHeader)]);
}

/** Display P3 to sRGB: the same curve, and the matrix between their primaries (D65 both). */
function fromDisplayP3(rgb: readonly number[]): number[] {
  const linear = rgb.map((value) => {
    const v = value / 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  });
  return [
    [1.2249402, -0.2249402, 0],
    [-0.042057, 1.042057, 0],
    [-0.0196376, -0.0786361, 1.0982737],
  ].map((row) => {
    const v = Math.min(
      1,
      Math.max(
        0,
        row.reduce((sum, factor, c) => sum + factor * (linear[c] as number), 0),
      ),
    );
    return 255 * (v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055);
  });
}

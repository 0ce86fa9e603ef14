import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { spaceOfProfile } from '../../../../lambda/imaging/colour/icc-profile.ts';
import { distance, draw, pixelsIn, plain } from '../fixtures.ts';
import { made, pixelsOf } from '../in-process.ts';
import { jpegWith, latin1, pngWith, profileChunk, segment } from '../inspect/containers.ts';
import { deltaE } from './colour-difference.ts';
import {
  curve,
  gamma,
  greyProfile,
  type MatrixSpace,
  profile,
  rgbProfile,
  spaces,
  tableProfile,
} from './profiles.ts';

/** 12 colours, and their conversions by LittleCMS 2.19 in floating point, perceptual, for each of these spaces. */
const colours = [
  [255, 255, 255],
  [0, 0, 0],
  [128, 128, 128],
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [200, 60, 50],
  [30, 120, 200],
  [240, 200, 40],
  [12, 9, 6],
  [180, 150, 135],
  [70, 140, 60],
] as const;
const converted = {
  displayP3: [
    [255, 255, 255],
    [0, 0, 0],
    [128, 128, 128],
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
    [217.5, 41.6, 38.8],
    [0, 122.2, 206.3],
    [247.9, 198.1, 0],
    [12.6, 8.9, 5.6],
    [185.9, 148.6, 132.6],
    [34, 142.1, 46.4],
  ],
  adobeRgb: [
    [255, 255, 255],
    [0, 0, 0],
    [129, 129, 129],
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
    [231.5, 57.4, 45.9],
    [0, 120.8, 203.9],
    [253.9, 201.3, 0],
    [4.7, 2.1, 0.8],
    [191.8, 151.4, 135.5],
    [0, 141.3, 49.9],
  ],
  proPhoto: [
    [255, 255, 255],
    [0, 0, 0],
    [146.4, 146.4, 146.4],
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
    [255, 0, 59.9],
    [0, 151.2, 219.3],
    [255, 201.9, 0],
    [18.3, 6.8, 3.1],
    [219.1, 159.8, 150.3],
    [0, 168.9, 50.9],
  ],
} as const satisfies Partial<Record<keyof typeof spaces, unknown>>;
const names = Object.keys(converted) as (keyof typeof converted)[];

const side = 16;
const presets = { all: { width: 4096, formats: ['png' as const] } };

/** The colours as a row of squares; `scale` is 257 for 16 bits. */
async function chart(depth: 8 | 16, alpha?: number): Promise<Buffer> {
  const channels = alpha === undefined ? 3 : 4;
  const width = colours.length * side;
  const values = Array.from({ length: width * side * channels }, (_, at) => {
    const x = Math.floor(at / channels) % width;
    const value = [...(colours[Math.floor(x / side)] ?? []), alpha][at % channels] ?? 0;
    return depth === 16 ? value * 257 : value;
  });
  const data = depth === 16 ? Uint16Array.from(values) : Uint8Array.from(values);
  const picture = sharp(data, { raw: { width, height: side, channels } });
  return (depth === 16 ? picture.toColourspace('rgb16') : picture).png().toBuffer();
}

/** The colour of each square of a chart in the variant. */
async function squares(file: Buffer): Promise<number[][]> {
  const { data, width, channels } = await pixelsOf(await made(file, presets), 'all.png');
  return colours.map((_, index) => {
    const at = ((side / 2) * width + index * side + side / 2) * channels;
    return [...data.subarray(at, at + channels)];
  });
}

async function tagged(space: MatrixSpace, depth: 8 | 16, alpha?: number): Promise<Buffer> {
  return pngWith(await chart(depth, alpha), profileChunk('p', rgbProfile(space)));
}

describe('a profile of a matrix and curves', () => {
  it.each(names)('%s matches a full-precision conversion', async (name) => {
    for (const [index, colour] of (await squares(await tagged(spaces[name], 8))).entries())
      expect(deltaE(colour, converted[name][index] ?? []), `square ${index}`).toBeLessThan(0.6);
  });

  it.each(names)('%s matches a full-precision conversion in 16 bits', async (name) => {
    for (const [index, colour] of (await squares(await tagged(spaces[name], 16))).entries())
      expect(deltaE(colour, converted[name][index] ?? []), `square ${index}`).toBeLessThan(0.6);
  });

  it.each([8, 16] as const)('a matrix profile leaves alpha unchanged, in %i bits', async (depth) => {
    const seen = await squares(await tagged(spaces.displayP3, depth, 77));
    for (const [index, colour] of seen.entries()) {
      expect(colour[3]).toBe(77);
      expect(deltaE(colour.slice(0, 3), converted.displayP3[index] ?? [])).toBeLessThan(0.6);
    }
  });

  it('a matrix profile is applied to a variant of any size', async () => {
    const file = pngWith(
      await draw(plain(900, 600, [200, 60, 50]))
        .png()
        .toBuffer(),
      profileChunk('p', rgbProfile(spaces.displayP3)),
    );
    const decoded = await made(file, {
      a: { width: 400, formats: ['png'] },
      b: { width: 90, formats: ['png'] },
    });
    for (const name of ['a.png', 'b.png']) {
      const { data } = await pixelsOf(decoded, name);
      expect(distance([...data.subarray(0, 3)], [218, 42, 39])).toBeLessThanOrEqual(1);
    }
  });

  it('a matrix profile keeps greys grey', async () => {
    const greys = Buffer.from(Array.from({ length: 256 * 3 }, (_, at) => Math.floor(at / 3)));
    const png = await sharp(greys, { raw: { width: 256, height: 1, channels: 3 } })
      .png()
      .toBuffer();
    for (const name of names) {
      const file = pngWith(png, profileChunk('p', rgbProfile(spaces[name])));
      const { data } = await pixelsOf(await made(file, presets), 'all.png');
      for (let at = 0; at < data.length; at += 3)
        expect([data[at + 1], data[at + 2]], `${name} ${at / 3}`).toEqual([data[at], data[at]]);
    }
  });

  it('a profile of sRGB changes no pixel', async () => {
    for (const [index, colour] of (await squares(await tagged(spaces.srgb, 8))).entries())
      expect(colour).toEqual(colours[index]);
  });
});

describe('a grey profile', () => {
  const grey = () => sharp(Buffer.alloc(64, 100), { raw: { width: 8, height: 8, channels: 1 } });
  // (100/255) ** 1.8 of linear light in sRGB, and L* = 100 × 100/255.
  it.each([
    ['8 bits', 8, greyProfile(gamma(1.8)), 118],
    ['16 bits', 16, greyProfile(gamma(1.8)), 118],
    ['by lightness', 8, greyProfile(curve([]), 'Lab '), 93],
  ] as const)('a grey profile is applied to %s', async (_, depth, icc, expected) => {
    const space = depth === 16 ? 'grey16' : 'b-w';
    const png = await grey().toColourspace(space).png().toBuffer();
    const file = pngWith(png, profileChunk('p', icc));
    expect(await sharp(file).metadata()).toMatchObject({ space, hasProfile: true });
    const { data } = await pixelsOf(await made(file, presets), 'all.png');
    expect(distance([...data.subarray(0, 3)], [expected, expected, expected])).toBeLessThanOrEqual(1);
  });
});

describe('a profile with lookup tables', () => {
  // A grey of this L* for each corner of the cube: black, blue, green, cyan, red … white.
  const lightnesses = [0, 30, 70, 80, 50, 60, 95, 100];
  const icc = tableProfile(lightnesses.map((lightness) => [lightness, 0, 0]));

  it.each([
    ['8 bits', 8],
    ['16 bits', 16],
  ] as const)('a profile with lookup tables is left to LittleCMS, for %s', async (_, depth) => {
    expect(spaceOfProfile(icc, 'RGB ')).toBeUndefined();
    const seen = await squares(pngWith(await chart(depth), profileChunk('p', icc)));
    // White, and red, whose L* of 50 is 119 in sRGB.
    expect(distance(seen[0] ?? [], [255, 255, 255])).toBeLessThanOrEqual(1);
    expect(distance(seen[3] ?? [], [119, 119, 119])).toBeLessThanOrEqual(2);
  });

  it('lookup tables take precedence over a matrix in the same profile', () => {
    const both = rgbProfile(spaces.displayP3, { A2B0: Buffer.alloc(20) });
    expect(spaceOfProfile(both, 'RGB ')).toBeUndefined();
  });
});

describe('invalid profiles', () => {
  const good = rgbProfile(spaces.displayP3);
  const changed = (change: (icc: Buffer) => void) => {
    const icc = Buffer.from(good);
    change(icc);
    return icc;
  };
  const broken = {
    empty: Buffer.alloc(0),
    'three bytes': latin1('abc'),
    'cut in its header': good.subarray(0, 100),
    'cut in its tags': good.subarray(0, 180),
    'without signature': changed((icc) => icc.fill(0, 36, 40)),
    'a link between devices': changed((icc) => icc.write('link', 12)),
    'for grey': greyProfile(gamma(1)),
    'without blue': changed((icc) => icc.write('????', icc.indexOf('bXYZ'))),
    'with a colorant that is no XYZ': changed((icc) =>
      icc.write('text', icc.readUInt32BE(icc.indexOf('rXYZ') + 4)),
    ),
    'with a colorant beyond reason': rgbProfile({
      ...spaces.displayP3,
      colorants: [
        [32767, 0, 0],
        [0, 32767, 0],
        [0, 0, 32767],
      ],
    }),
    'with tags outside': changed((icc) => {
      for (let tag = 0; tag < 7; tag++) icc.writeUInt32BE(0x7fffffff, 136 + tag * 12);
    }),
    garbage: Buffer.from(Array.from({ length: 500 }, (_, at) => (at * 7919) % 251)),
  };

  it.each(Object.entries(broken))('a profile %s is ignored by our parser', (_, icc) => {
    expect(spaceOfProfile(icc, 'RGB ')).toBeUndefined();
  });

  it.each(Object.entries(broken).filter(([name]) => name !== 'with a colorant beyond reason'))(
    'a photograph with a profile %s is treated as sRGB',
    async (_, icc) => {
      const colour = [200, 60, 50];
      const jpeg = await draw(plain(64, 64, colour))
        .jpeg({ quality: 100 })
        .toBuffer();
      const file = jpegWith(jpeg, segment(0xe2, Buffer.concat([latin1('ICC_PROFILE\0\x01\x01'), icc])));
      const { data } = await pixelsOf(await made(file, presets), 'all.png');
      expect(distance([...data.subarray(0, 3)], colour)).toBeLessThanOrEqual(2);
    },
  );

  it('a CMYK profile on an RGB picture and an RGB profile on a grey one are ignored', async () => {
    const cmyk = profile('CMYK', 'Lab ', {});
    const jpeg = await draw(plain(64, 64, [90]))
      .toColourspace('b-w')
      .jpeg({ quality: 100 })
      .toBuffer();
    for (const icc of [cmyk, rgbProfile(spaces.proPhoto)]) {
      const file = jpegWith(jpeg, segment(0xe2, Buffer.concat([latin1('ICC_PROFILE\0\x01\x01'), icc])));
      const { data } = await pixelsOf(await made(file, presets), 'all.png');
      expect(distance([...data.subarray(0, 3)], [90, 90, 90])).toBeLessThanOrEqual(1);
    }
  });
});

describe('variants', () => {
  it('a variant has no profile', async () => {
    const { variants } = await made(await tagged(spaces.proPhoto, 8), presets);
    for (const { bytes } of variants) {
      expect((await sharp(bytes).metadata()).icc).toBeUndefined();
      expect((await pixelsIn(bytes)).channels).toBe(3);
    }
  });
});

import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { spaceOfCodePoints } from '../../../../lambda/imaging/colour/cicp.ts';
import { isNearlySrgb } from '../../../../lambda/imaging/colour/conversion.ts';
import { draw, plain } from '../fixtures.ts';
import { made, pixelsOf } from '../in-process.ts';
import { box, chunk, latin1, pngWith, profileChunk } from '../inspect/containers.ts';
import { deltaE } from './colour-difference.ts';
import { rgbProfile, spaces } from './profiles.ts';

const presets = { all: { width: 64, formats: ['png' as const] } };
const colour = [200, 60, 50];

/** The colour of the variant of a uniform picture. */
async function seen(file: Buffer): Promise<number[]> {
  const { data } = await pixelsOf(await made(file, presets, { inputs: { avif: true } }), 'all.png');
  return [...data.subarray(0, 3)];
}

const cicp = (...points: number[]) => chunk('cICP', Buffer.from(points));
const uints = (...values: number[]) => {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => void bytes.writeUInt32BE(value, index * 4));
  return bytes;
};
const gAMA = (value: number) => chunk('gAMA', uints(value));
/** White, red, green, blue; x and y of each in 100,000ths. */
const cHRM = (...values: number[]) => chunk('cHRM', uints(...values));
const sRGB = chunk('sRGB', Buffer.alloc(1));
const chromaticities = {
  srgb: [31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000],
  displayP3: [31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000],
} as const;
const p3 = rgbProfile(spaces.displayP3);

/* Expected colours were computed with numpy in floating point from the definitions (H.273, PNG, Bradford). */
const asP3 = [217.5, 41.6, 38.8];
describe('the colour space of a PNG', () => {
  it.each([
    ['by nothing', [], colour],
    ['by cICP: Display P3', [cicp(12, 13, 0, 1)], asP3],
    ['by cICP: BT.2020', [cicp(9, 13, 0, 1)], [247, 0, 39.4]],
    ['by cICP: sRGB', [cicp(1, 13, 0, 1)], colour],
    ['by cICP: BT.709, whose curve counts as that of sRGB', [cicp(1, 1, 0, 1)], colour],
    ['by cICP: linear', [cicp(1, 8, 0, 1)], [229.1, 133.2, 122.4]],
    ['by cICP: video range', [cicp(1, 13, 0, 0)], [214.2, 51.2, 39.6]],
    ['by cICP before a profile', [profileChunk('p', p3), cicp(1, 13, 0, 1)], colour],
    ['by a profile where cICP is unspecified', [profileChunk('p', p3), cicp(2, 2, 0, 1)], asP3],
    ['by a profile where cICP is for YUV', [profileChunk('p', p3), cicp(1, 13, 1, 1)], asP3],
    ['by a profile before gAMA', [gAMA(100_000), profileChunk('p', p3)], asP3],
    ['by sRGB before gAMA', [sRGB, gAMA(100_000)], colour],
    ['by gAMA: linear', [gAMA(100_000)], [229.1, 133.2, 122.4]],
    ['by gAMA: 1.8', [gAMA(55_556)], [210.2, 76.9, 65.2]],
    ['by gAMA that stands for sRGB', [gAMA(45_455)], colour],
    ['by gAMA and cHRM that stand for sRGB', [gAMA(45_455), cHRM(...chromaticities.srgb)], colour],
    ['by gAMA and cHRM', [gAMA(45_455), cHRM(...chromaticities.displayP3)], [219, 37.1, 33.6]],
    ['by cHRM alone', [cHRM(...chromaticities.displayP3)], asP3],
    ['by a cHRM of zeros: not at all', [cHRM(0, 0, 0, 0, 0, 0, 0, 0)], colour],
    ['by a gAMA of zero: not at all', [gAMA(0)], colour],
    ['by chunks that are too short: not at all', [chunk('gAMA', Buffer.alloc(2)), cicp(12, 13)], colour],
  ])('the colours of a PNG are defined %s', async (_, chunks, expected) => {
    const png = await draw(plain(32, 32, colour))
      .png()
      .toBuffer();
    expect(deltaE(await seen(pngWith(png, ...chunks)), expected)).toBeLessThan(0.6);
  });

  it('only the gamma of a grey PNG counts', async () => {
    const png = await draw(plain(32, 32, [100]))
      .toColourspace('b-w')
      .png()
      .toBuffer();
    expect(await sharp(png).metadata()).toMatchObject({ space: 'b-w' });
    expect(await seen(pngWith(png, cicp(12, 13, 0, 1)))).toEqual([100, 100, 100]);
    expect(await seen(pngWith(png, gAMA(100_000)))).toEqual([168, 168, 168]);
  });

  it('the colour chunks of a 16-bit PNG are used', async () => {
    const png = await draw(plain(32, 32, colour))
      .toColourspace('rgb16')
      .png()
      .toBuffer();
    expect(deltaE(await seen(pngWith(png, cicp(12, 13, 0, 1))), asP3)).toBeLessThan(0.6);
  });

  it('colour chunks after the pixels of a PNG are ignored', async () => {
    const png = await draw(plain(32, 32, colour))
      .png()
      .toBuffer();
    const end = png.lastIndexOf(latin1('IEND')) - 4;
    const late = Buffer.concat([png.subarray(0, end), cicp(12, 13, 0, 1), png.subarray(end)]);
    expect(await seen(late)).toEqual(colour);
  });
});

describe('the colour space of an AVIF', () => {
  const encoded = (picture: Sharp) => picture.avif({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer();

  /** The AVIF with a `colr` box of code points after its other properties. */
  function withCodePoints(avif: Buffer, primaries: number, transfer: number): Buffer {
    const points = Buffer.from([0, primaries, 0, transfer, 0, 0, 0x80]);
    const added = box('colr', Buffer.concat([latin1('nclx'), points]));
    const grow = (at: number) => avif.writeUInt32BE(avif.readUInt32BE(at) + added.length, at);
    for (const name of ['meta', 'iprp', 'ipco']) grow(avif.indexOf(latin1(name)) - 4);
    // The pixels move. The offset of the only item is after version, sizes, count, id and reference.
    grow(avif.indexOf(latin1('iloc')) + 16);
    const end = avif.indexOf(latin1('ipma')) - 4;
    return Buffer.concat([avif.subarray(0, end), added, avif.subarray(end)]);
  }

  it.each([
    ['sRGB', 1, 13, colour],
    ['unspecified', 2, 2, colour],
    ['Display P3', 12, 13, asP3],
  ])('an AVIF is converted from %s code points', async (_, primaries, transfer, expected) => {
    const avif = withCodePoints(await encoded(draw(plain(32, 32, colour))), primaries, transfer);
    expect(deltaE(await seen(avif), expected)).toBeLessThan(1.2);
  });

  it('the profile of an AVIF takes precedence over its code points', async () => {
    const tagged = await encoded(draw(plain(32, 32, colour)).withIccProfile('p3'));
    const file = withCodePoints(tagged, 9, 13);
    expect(deltaE(await seen(file), colour)).toBeLessThan(1.2);
  });
});

describe('HDR', () => {
  const light = (transfer: number, stored: number) =>
    spaceOfCodePoints({ primaries: 9, transfer, fullRange: true })?.curves[0](stored) ?? Number.NaN;

  // In PQ 0.38 is 26 cd/m², and 0.58 is 202; white is 203.
  it('PQ keeps what is darker than the knee of its tone curve', () => {
    expect(light(16, 0)).toBeCloseTo(0, 6);
    expect(light(16, 0.38)).toBeCloseTo(26 / 203, 3);
  });

  it.each([
    ['PQ', 16],
    ['HLG', 18],
  ])('%s rises to white and no further', (_, transfer) => {
    const lights = Array.from({ length: 101 }, (_, index) => light(transfer, index / 100));
    for (const [index, value] of lights.entries()) {
      expect(value).toBeGreaterThanOrEqual(lights[index - 1] ?? 0);
      expect(value).toBeLessThanOrEqual(1);
    }
    expect(lights.at(-1)).toBeCloseTo(1, 3);
    expect(light(transfer, transfer === 16 ? 0.58 : 0.75)).toBeGreaterThan(0.5);
  });
});

describe('colour spaces that count as sRGB', () => {
  it('treating a colour space as sRGB moves no colour by more than one 8-bit step', () => {
    const { curves, toXyz } = spaceOfCodePoints({ primaries: 1, transfer: 13, fullRange: true }) ?? {};
    if (curves === undefined || toXyz === undefined) throw new Error('no space');
    const bent = (by: number) => {
      const curve = (stored: number) => curves[0](stored) ** by;
      return { curves: [curve, curve, curve] as const, toXyz };
    };
    expect(isNearlySrgb(bent(1))).toBe(true);
    expect(isNearlySrgb(bent(1.01))).toBe(true);
    expect(isNearlySrgb(bent(1.05))).toBe(false);
  });
});

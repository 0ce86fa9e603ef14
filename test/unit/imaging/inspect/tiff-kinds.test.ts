import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { pageOfTiff } from '../../../../lambda/imaging/inspect/tiff-page.ts';
import { colourAt, distance } from '../fixtures.ts';
import { made, pixelsOf } from '../in-process.ts';
import { short, undefinedTag } from './containers.ts';
import { type Page, pageTiff, samplesOf } from './tiffs.ts';

const presets = { whole: { width: 16, formats: ['png' as const] } };
const half = { half: { width: 8, formats: ['png' as const] } };
const size = { width: 16, height: 12 };
const count = size.width * size.height;

/** The colour of a uniform picture, at full size and reduced. */
async function colourOf(tiff: Buffer, config = {}): Promise<number[]> {
  const whole = await pixelsOf(await made(tiff, presets, config), 'whole.png');
  const reduced = await pixelsOf(await made(tiff, half, config), 'half.png');
  const colour = colourAt(whole, 0.5, 0.5);
  expect(distance(colourAt(reduced, 0.5, 0.5), colour)).toBeLessThanOrEqual(2);
  return colour;
}

function page(pixel: readonly number[], bits: 8 | 16 | 32, rest: Partial<Page> = {}): Buffer {
  return pageTiff({ ...size, strip: samplesOf(pixel, count, bits), samples: pixel.length, bits, ...rest });
}

/** 8-bit samples as 16 bits: 0xabab for 0xab. */
const deep = (pixel: readonly number[], bits: 8 | 16) =>
  pixel.map((value) => (bits === 8 ? value : value * 257));
const extraSamples = 338;
const sampleFormat = 339;
const [unspecified, associated, unassociated] = [0, 1, 2];

describe.each([8, 16] as const)('extra channels of %i bits', (bits) => {
  it.each([
    ['alpha', [unassociated], [120], [200, 100, 50, 120]],
    ['alpha and a mask', [unassociated, unspecified], [120, 77], [200, 100, 50, 120]],
    ['a mask and alpha', [unspecified, unassociated], [77, 120], [200, 100, 50, 120]],
    [
      'two of alpha, of which the first is taken',
      [unassociated, unassociated],
      [120, 77],
      [200, 100, 50, 120],
    ],
    ['a mask, which is no transparency', [unspecified], [120], [200, 100, 50]],
    ['two masks', [unspecified, unspecified], [0, 0], [200, 100, 50]],
  ])('extra channels of RGB are read: %s', async (_, kinds, extras, expected) => {
    const tiff = page(deep([200, 100, 50, ...extras], bits), bits, { tags: [short(extraSamples, ...kinds)] });
    expect(await colourOf(tiff)).toEqual(expected);
  });

  it.each([
    ['alpha', [associated], [128]],
    ['alpha and a mask', [associated, unspecified], [128, 77]],
    ['a mask and alpha', [unspecified, associated], [77, 128]],
  ])('extra channels of premultiplied RGB are read: %s', async (_, kinds, extras) => {
    const tiff = page(deep([100, 50, 25, ...extras], bits), bits, { tags: [short(extraSamples, ...kinds)] });
    expect(distance(await colourOf(tiff), [199, 100, 50, 128])).toBeLessThanOrEqual(1);
  });

  it.each([
    ['alpha', [unassociated], [120], [90, 90, 90, 120]],
    ['alpha and a mask', [unassociated, unspecified], [120, 77], [90, 90, 90, 120]],
    ['a mask', [unspecified], [0], [90, 90, 90]],
    ['two masks', [unspecified, unspecified], [0, 9], [90, 90, 90]],
  ])('extra channels of grey are read: %s', async (_, kinds, extras, expected) => {
    const tags = [short(extraSamples, ...kinds)];
    const tiff = page(deep([90, ...extras], bits), bits, { photometric: 1, tags });
    const colour = await colourOf(tiff);
    expect(colour.length === 1 ? [...colour, ...colour, ...colour] : colour).toEqual(expected);
  });

  it('the first undeclared extra channel is alpha', async () => {
    expect(await colourOf(page(deep([200, 100, 50, 120], bits), bits))).toEqual([200, 100, 50, 120]);
    expect(await colourOf(page(deep([200, 100, 50, 120, 9], bits), bits))).toEqual([200, 100, 50, 120]);
  });

  it('a spot colour in addition to the inks is ignored', async () => {
    const inks = deep([0, 255, 255, 0], bits);
    const without = await colourOf(page(inks, bits, { photometric: 5 }));
    const spot = page([...inks, 0], bits, { photometric: 5, tags: [short(extraSamples, unspecified)] });
    expect(await colourOf(spot)).toEqual(without);
    expect(without[0]).toBeGreaterThan(200);
  });

  it('extra channels of RGB with a profile of lookup tables are read', async () => {
    const profile = Buffer.alloc(200);
    profile.writeUInt32BE(200);
    profile.write('mntrRGB Lab ', 12, 'latin1');
    profile.write('acsp', 36, 'latin1');
    const tags = [short(extraSamples, unspecified, unassociated), undefinedTag(34675, profile)];
    const tiff = page(deep([200, 100, 50, 77, 120], bits), bits, { tags });
    expect(distance(await colourOf(tiff), [200, 100, 50, 120])).toBeLessThanOrEqual(1);
  });
});

it('8-bit CMYK keeps its alpha', async () => {
  const tags = [short(extraSamples, unassociated)];
  const colour = await colourOf(page([0, 255, 255, 0, 120], 8, { photometric: 5, tags }));
  expect(colour[3]).toBe(120);
});

// L*, a*, b* of the corners of sRGB under D50, by Bradford's matrix.
describe.each([8, 16] as const)('CIELAB of %i bits', (bits) => {
  const [most, one] = bits === 8 ? [255, 1] : [65_535, 256];
  const stored = ([lightness = 0, a = 0, b = 0]: readonly number[]) => [
    Math.round((lightness / 100) * most),
    (Math.round(a * one) + most + 1) % (most + 1),
    (Math.round(b * one) + most + 1) % (most + 1),
  ];
  it.each([
    ['white', [100, 0, 0], [255, 255, 255]],
    ['black', [0, 0, 0], [0, 0, 0]],
    ['grey', [53.585, 0, 0], [128, 128, 128]],
    ['red', [54.29, 80.81, 69.89], [255, 0, 0]],
    ['green', [87.82, -79.27, 80.99], [0, 255, 0]],
    ['blue', [29.57, 68.3, -112.03], [0, 0, 255]],
    ['beyond sRGB', [60, -120, 20], [0, 180, 105]],
  ])('CIELAB is converted: %s', async (name, lab, rgb) => {
    const colour = await colourOf(page(stored(lab), bits, { photometric: 8 }));
    const seen = colour.length === 1 ? [...colour, ...colour, ...colour] : colour;
    // 8 bits store whole steps of a* and b*, each of which is several steps in the darkest colours of sRGB.
    const allowed = name === 'beyond sRGB' ? 30 : bits === 8 ? 9 : 1;
    expect(distance(seen, rgb), seen.join()).toBeLessThanOrEqual(allowed);
  });

  it.each([
    ['alpha', [unassociated], [0x78], 4],
    ['a mask', [unspecified], [0], 3],
    ['a mask and alpha', [unspecified, unassociated], [0, 0x78], 4],
  ])('CIELAB with %s is converted', async (_, kinds, extras, channels) => {
    const pixel = [...stored([54.29, 80.81, 69.89]), ...deep(extras, bits)];
    const colour = await colourOf(
      page(pixel, bits, { photometric: 8, tags: [short(extraSamples, ...kinds)] }),
    );
    expect(colour).toHaveLength(channels);
    expect(distance(colour.slice(0, 3), [255, 0, 0])).toBeLessThanOrEqual(8);
    if (channels === 4) expect(colour[3]).toBe(0x78);
  });
});

/** One channel of 64-bit samples, in a format. */
const of64Bits = (format: number) =>
  pageTiff({
    ...size,
    strip: Buffer.alloc(count * 8),
    samples: 1,
    bits: 64,
    photometric: 1,
    tags: [short(sampleFormat, format)],
  });

describe('TIFFs that would be decoded wrongly are refused by name', () => {
  const kinds: readonly [name: string, tiff: Buffer, words: string][] = [
    [
      '32-bit floating point',
      page([0x3f000000], 32, { photometric: 1, tags: [short(sampleFormat, 3)] }),
      'samples of 32 bits in floating point',
    ],
    [
      'RGB of it',
      page([0x3f000000, 0, 0], 32, { tags: [short(sampleFormat, 3, 3, 3)] }),
      'samples of 32 bits in floating point',
    ],
    [
      '16-bit floating point',
      page([0x3800, 0, 0], 16, { tags: [short(sampleFormat, 3, 3, 3)] }),
      'samples of 16 bits in floating point',
    ],
    ['64-bit floating point', of64Bits(3), 'samples of 64 bits in floating point'],
    ['complex numbers', of64Bits(6), 'complex numbers'],
    ['32-bit integers', page([1 << 30], 32, { photometric: 1 }), 'samples of 32 bits.'],
    [
      '32-bit integers with a sign',
      page([5], 32, { photometric: 1, tags: [short(sampleFormat, 2)] }),
      'samples of 32 bits with a sign',
    ],
    [
      '16-bit integers with a sign',
      page([5, 6, 7], 16, { tags: [short(sampleFormat, 2, 2, 2)] }),
      'samples of 16 bits with a sign',
    ],
    [
      '8-bit integers with a sign',
      page([5], 8, { photometric: 1, tags: [short(sampleFormat, 2)] }),
      'samples of 8 bits with a sign',
    ],
    [
      '12 bits',
      pageTiff({ ...size, strip: Buffer.alloc(count * 2), samples: 1, bits: 12, photometric: 1 }),
      'samples of 12 bits',
    ],
    ['RGB of 4 bits', pageTiff({ ...size, strip: Buffer.alloc(count * 2), bits: 4 }), '3 samples of 4 bits'],
    ['a mask', page([255], 8, { photometric: 4 }), 'its colours are neither'],
    ['the mosaic of a camera', page([255], 8, { photometric: 32_803 }), 'its colours are neither'],
    ['Lab as profiles have it', page([255, 128, 128], 8, { photometric: 9 }), 'its colours are neither'],
    [
      'inks that are not CMYK',
      page([1, 2, 3, 4], 8, { photometric: 5, tags: [short(332, 2)] }),
      'its colours are neither',
    ],
    ['YCbCr without JPEG', page([105, 124, 138], 8, { photometric: 6, tags: [short(530, 1, 1)] }), 'YCbCr'],
    [
      'transparent inks of 16 bits',
      page([1, 2, 3, 4, 5], 16, { photometric: 5, tags: [short(extraSamples, 2)] }),
      'CMYK of 16 bits with transparency',
    ],
    [
      'CIELAB multiplied by alpha',
      page([1, 2, 3, 4], 8, { photometric: 8, tags: [short(extraSamples, 1)] }),
      'CIELAB premultiplied',
    ],
  ];
  it.each(kinds)('a TIFF is refused by name: %s', async (_, tiff, words) => {
    const refused = await made(tiff, presets).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'corrupt_image' });
    expect(String(refused)).toContain('The TIFF is of a rare kind that is not supported: ');
    expect(String(refused)).toContain(words);
  });

  it.each([6, 34_661, 34_676, 34_712, 34_887, 34_925, 34_933, 50_000, 50_002])(
    'a TIFF with compression %i is refused by name',
    async (compression) => {
      const tiff = page([1, 2, 3], 8, { compression });
      const refused = await made(tiff, presets).catch((error: unknown) => error);
      expect(refused).toMatchObject({
        code: 'corrupt_image',
        detail: `The TIFF is of a rare kind that is not supported: its compression, of number ${compression}, cannot be read.`,
      });
    },
  );

  it('every form of a TIFF is refused by name', () => {
    const sample = (big: boolean, wide: boolean) => {
      const file = Buffer.alloc(80);
      const short = (value: number, at: number) =>
        big ? file.writeUInt16BE(value, at) : file.writeUInt16LE(value, at);
      const offset = (value: number, at: number) => short(value, big ? at + (wide ? 6 : 2) : at);
      file.write(big ? 'MM' : 'II', 'latin1');
      short(wide ? 43 : 42, 2);
      if (wide) short(8, 4);
      offset(16, wide ? 8 : 4);
      if (wide) offset(1, 16);
      else short(1, 16);
      const entry = wide ? 24 : 18;
      for (const [value, at] of [
        [258, 0],
        [3, 2],
        [32, wide ? 12 : 8],
      ] as const)
        short(value, entry + at);
      offset(1, entry + 4);
      return file;
    };
    for (const big of [false, true])
      for (const wide of [false, true])
        expect(pageOfTiff(sample(big, wide)).rare, `${big} ${wide}`).toBe('it holds samples of 32 bits');
  });

  it('an invalid directory is no reason to refuse', () => {
    for (const tiff of ['49492a00ffffffff0000', '49492a00', '4d4d002b0008000000000000ffffffff'])
      expect(pageOfTiff(Buffer.from(tiff, 'hex'))).toMatchObject({ extras: undefined, lab: false });
  });
});

it('deflate is read under both of its numbers', async () => {
  const strip = deflateSync(samplesOf([9, 99, 199], count));
  for (const compression of [8, 32_946])
    expect(await colourOf(pageTiff({ ...size, strip, compression }))).toEqual([9, 99, 199]);
});

it('five 16-bit channels are too_complex where four of them would have too many pixels', async () => {
  const config = { limits: { maxPixels: count } };
  await expect(made(page([1, 2, 3, 4, 5], 16), presets, config)).rejects.toMatchObject({
    code: 'too_complex',
  });
  expect(await colourOf(page([200, 100, 50, 120, 5], 8), config)).toHaveLength(4);
  expect(await colourOf(page(deep([200, 100, 50, 120], 16), 16), config)).toHaveLength(4);
});

it.each([6, 60])('%i channels are more than the codec accepts', async (channels) => {
  const tiff = page(Array<number>(channels).fill(9), 8);
  await expect(made(tiff, presets)).rejects.toMatchObject({
    code: 'corrupt_image',
    detail: `The TIFF is of a rare kind that is not supported: it has ${channels} channels.`,
  });
});

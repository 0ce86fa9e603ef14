import { afterAll, describe, expect, it } from 'vitest';
import { countMarkers } from '../../../../lambda/imaging/inspect/jpeg-markers.ts';
import { withPlainFormats } from '../../../support/plain-formats.ts';
import { draw, noise, plain, quartered } from '../fixtures.ts';
import { made } from '../in-process.ts';
import { openLane } from '../sandbox-folder.ts';
import {
  jpegWith,
  latin1,
  long,
  pageTags,
  pngWith,
  profileChunk,
  segment,
  tiffFile,
  undefinedTag,
} from './containers.ts';
import { rejectionOf } from './rejection-of.ts';

const mebi = 1024 * 1024;
const limits = {
  maxBytes: 5 * mebi,
  maxPixels: 250_000,
  maxPixelsJpeg: 500_000,
  maxSide: 4000,
  maxPages: 50,
  maxFramePixels: 60_000,
  maxProfileBytes: 100_000,
};
const { decode, close } = openLane({
  presets: withPlainFormats({ small: { width: 320 } }),
  limits,
  placeholder: 'none',
});
afterAll(close);

const rejection = (bytes: Uint8Array) => rejectionOf(decode(bytes));
const small = draw(quartered(40, 30));
const png = await small.clone().png().toBuffer();
const jpeg = await small.clone().jpeg().toBuffer();
/** Bytes with the header of a profile of this length. */
function profileOf(bytes: number): Buffer {
  const profile = Buffer.alloc(bytes);
  profile.writeUInt32BE(bytes);
  profile.write('mntrRGB XYZ ', 12, 'latin1');
  profile.write('acsp', 36, 'latin1');
  return profile;
}
/** A profile in the segments of a JPEG, which contain 64 kB each. */
function profileSegments(profile: Buffer): Buffer[] {
  const size = 65_000;
  const count = Math.ceil(profile.length / size);
  return Array.from({ length: count }, (_, index) => {
    const part = profile.subarray(index * size, (index + 1) * size);
    return segment(0xe2, Buffer.concat([latin1('ICC_PROFILE\0'), Buffer.from([index + 1, count]), part]));
  });
}

describe('dimensions', () => {
  it.each([
    [4001, 2],
    [2, 4001],
  ])('a side of %i × %i is dimensions_too_large before anything is decoded', async (width, height) => {
    const file = (w: number, h: number) =>
      draw(plain(w, h, [1, 2, 3]))
        .png()
        .toBuffer();
    const { code, detail } = await rejection(await file(width, height));
    expect(code).toBe('dimensions_too_large');
    expect(detail).toContain(`${width} × ${height} pixels; at most 4000 a side`);
    const { original } = await decode(await file(Math.min(width, 4000), Math.min(height, 4000)));
    expect(original).toMatchObject({ width: Math.min(width, 4000), height: Math.min(height, 4000) });
  });

  it('a screenshot of a long page is accepted by default', async () => {
    const page = await draw(plain(60, 19_854, [240, 240, 240]))
      .png()
      .toBuffer();
    const { original, variants } = await made(page, { a: { width: 320, height: 1600, formats: ['webp'] } });
    expect([original.height, variants[0]?.height]).toEqual([19_854, 1600]);
  });

  it('too many pixels are dimensions_too_large; a JPEG may have more', async () => {
    const image = draw(plain(600, 600, [1, 2, 3]));
    const { code, detail } = await rejection(await image.clone().png().toBuffer());
    expect(code).toBe('dimensions_too_large');
    expect(detail).toContain('600 × 600 pixels; at most 250000');
    expect((await decode(await image.clone().jpeg().toBuffer())).variants).toHaveLength(2);
    const larger = await draw(plain(800, 800, [1, 2, 3]))
      .jpeg()
      .toBuffer();
    expect((await rejection(larger)).code).toBe('dimensions_too_large');
  });
});

describe('colour profiles', () => {
  it('a profile above the limit is too_complex in every format, and one below it is read', async () => {
    const fit = profileOf(limits.maxProfileBytes - 1);
    const large = profileOf(limits.maxProfileBytes + 1);
    const carriers: Record<string, (profile: Buffer) => Buffer> = {
      jpeg: (profile) => jpegWith(jpeg, ...profileSegments(profile)),
      png: (profile) => pngWith(png, profileChunk('a', profile)),
      tiff: (profile) =>
        tiffFile({
          lead: plain(4, 4, [1, 2, 3]).data,
          chain: [[...pageTags(4, 4, 8), undefinedTag(34675, profile)]],
        }),
    };
    for (const [name, carry] of Object.entries(carriers)) {
      expect({ name, code: (await rejection(carry(large))).code }).toEqual({ name, code: 'too_complex' });
      expect((await decode(carry(fit))).variants, name).toHaveLength(2);
    }
  });
});

const countScans = (jpeg: Uint8Array, scans: number) => countMarkers(jpeg, { scans, segments: 1e6 }).scans;

describe('scans', () => {
  it('more scans than cameras write are too_complex', async () => {
    const { code, detail } = await rejection(await manyScans(101));
    expect(code).toBe('too_complex');
    expect(detail).toContain('100 scans');
  });

  it('only scans of the image count, not those of a thumbnail in a segment', async () => {
    const thumbnail = await draw(quartered(32, 32)).jpeg({ progressive: true }).toBuffer();
    expect(countScans(jpeg, 100)).toBe(1);
    expect(countScans(jpegWith(jpeg, segment(0xe1, thumbnail)), 100)).toBe(1);
    expect(countScans(thumbnail, 100)).toBeGreaterThan(1);
  });

  it('counting ends at the limit, at the end of the image and at the end of the file', async () => {
    const many = await manyScans(50);
    expect(countScans(many, 10)).toBe(11);
    expect(countScans(many, 100)).toBe(50);
    expect(countScans(Buffer.from('ffd8ffda0002ffd90000ffda0002', 'hex'), 100)).toBe(1);
    expect(countScans(many.subarray(0, many.length - 2), 1000)).toBe(50);
    expect(countScans(Buffer.from('ffd8ffda', 'hex'), 100)).toBe(1);
    expect(countScans(Buffer.from('ffd8', 'hex'), 100)).toBe(0);
  });

  it('more segments than cameras write are too_complex', async () => {
    const comment = segment(0xfe, Buffer.alloc(0));
    const many = (count: number) =>
      jpegWith(jpeg, Buffer.concat(Array.from({ length: count }, () => comment)));
    expect(countMarkers(many(50_000), { scans: 100, segments: 300 })).toEqual({ scans: 0, segments: 301 });
    expect((await rejection(many(10_001))).detail).toBe('The JPEG has more than 10000 segments.');
    expect((await decode(many(9_000))).variants).toHaveLength(2);
  });

  it('stuffed bytes and restart markers are skipped', () => {
    expect(countScans(Buffer.from('ffd8ffda0003aa11ff00da22ffd0ffd7ffda0002ffd9', 'hex'), 9)).toBe(2);
  });
});

describe('sizes that only the file declares', () => {
  it('a TIFF that declares a profile of 1.9 GB is refused, not reported as a lack of memory', async () => {
    const tiff = tiffFile({
      lead: plain(4, 4, [1, 2, 3]).data,
      chain: [[...pageTags(4, 4, 8), undefinedTag(34675, Buffer.alloc(8))]],
    });
    const entry = tiff.indexOf(Buffer.from([0x73, 0x87, 7, 0]));
    tiff.writeUInt32LE(0x7000_0000, entry + 4);
    expect((await rejection(tiff)).code).toBe('corrupt_image');
  });

  it('a TIFF with a tile of a gigabyte is refused', async () => {
    const tags = pageTags(16, 16, 8).filter(({ id }) => ![273, 278, 279].includes(id));
    const tile = tiffFile({
      chain: [[...tags, long(322, 32_768), long(323, 32_768), long(324, 8), long(325, 1000)]],
    });
    expect((await rejection(tile)).code).toBe('corrupt_image');
  });

  it('a JPEG that declares 64 megapixels but has a few bytes ends at once', async () => {
    const image = await draw(noise(64, 64)).jpeg({ progressive: true }).toBuffer();
    const frame = image.indexOf(Buffer.from([0xff, 0xc2]));
    image.writeUInt16BE(700, frame + 5);
    image.writeUInt16BE(700, frame + 7);
    expect((await rejection(image)).code).toBe('corrupt_image');
  });
});

/** A progressive JPEG with this number of scans; its last one, a refinement, is repeated. */
async function manyScans(count: number): Promise<Buffer> {
  const image = await draw(quartered(64, 64)).jpeg({ progressive: true }).toBuffer();
  const lastScan = image.lastIndexOf(Buffer.from('ffda', 'hex'));
  const scan = image.subarray(lastScan, image.length - 2);
  const missing = count - countScans(image, 1000);
  return Buffer.concat([
    image.subarray(0, image.length - 2),
    ...Array.from({ length: missing }, () => scan),
    image.subarray(image.length - 2),
  ]);
}

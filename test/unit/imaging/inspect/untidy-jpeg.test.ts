import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { Rejection } from '../../../../lambda/domain/failure.ts';
import { marker, type Segment, segments } from '../../../../lambda/imaging/inspect/jpeg-segments.ts';
import { tidied } from '../../../../lambda/imaging/inspect/jpeg-tidy.ts';
import { draw, noise, type Pixels, plain, quartered } from '../fixtures.ts';
import { made, pixelsOf } from '../in-process.ts';
import { jpegWith, latin1, segment } from './containers.ts';

const presets = { whole: { width: 200, formats: ['png' as const] } };
/** A gradient uses so few codes that most damaged codes are invalid. */
function gradient(width: number, height: number): Pixels {
  const data = Buffer.alloc(width * height * 3);
  for (let at = 0; at < data.length; at++)
    data[at] = Math.floor((at / 3) % width) + Math.floor(at / (3 * width));
  return { data, width, height, channels: 3 };
}
const picture = () => draw(gradient(200, 152));
const baseline = await picture().jpeg({ quality: 90, chromaSubsampling: '4:4:4' }).toBuffer();
const subsampled = await picture().jpeg({ quality: 90 }).toBuffer();
const progressive = await picture().jpeg({ progressive: true }).toBuffer();
const inks = await picture().toColourspace('cmyk').jpeg().toBuffer();

const adobe = (transform: number) =>
  segment(0xee, Buffer.concat([latin1('Adobe'), Buffer.from([0, 100, 0, 0, 0, 0, transform])]));

function found(jpeg: Uint8Array, code: number): Segment {
  const first = [...segments(jpeg)].find((one) => one.marker === code);
  if (first === undefined) throw new Error(`no segment ${code.toString(16)}`);
  return first;
}

function withBytes(jpeg: Buffer, at: number, ...bytes: number[]): Buffer {
  const copy = Buffer.from(jpeg);
  copy.set(bytes, at);
  return copy;
}

function withStray(jpeg: Buffer, code: number, ...bytes: number[]): Buffer {
  const { begin } = found(jpeg, code);
  return Buffer.concat([jpeg.subarray(0, begin), Buffer.from(bytes), jpeg.subarray(begin)]);
}

/** The file without its JFIF segment, which takes precedence over Adobe's for the colour space. */
function withoutJfif(jpeg: Buffer): Buffer {
  const { begin, end } = found(jpeg, marker.application0);
  return Buffer.concat([jpeg.subarray(0, begin), jpeg.subarray(end)]);
}

const jfif = segment(0xe0, Buffer.concat([latin1('JFIF\0'), Buffer.from([1, 1, 0, 0, 1, 0, 1, 0, 0])]));
const scanOf = (jpeg: Buffer) => found(jpeg, marker.startOfScan).end;
/** The parameters of a scan with one, three or four components. */
const parametersOf = (jpeg: Buffer) => scanOf(jpeg) - 3;

const untidy: Record<string, (jpeg: Buffer) => Buffer> = {
  'stray bytes before its tables': (jpeg) => withStray(jpeg, marker.huffmanTables, ...Array(18).fill(7)),
  'stray bytes that look like stuffed data': (jpeg) => withStray(jpeg, marker.startOfFrame0, 0xff, 0, 9),
  'stray bytes before its scan': (jpeg) => withStray(jpeg, marker.startOfScan, 0),
  'a spectral selection that ends at 0, as phones of one maker write it': (jpeg) =>
    withBytes(jpeg, parametersOf(jpeg), 0, 0, 0),
  'a spectral selection and an approximation of nonsense': (jpeg) =>
    withBytes(jpeg, parametersOf(jpeg), 3, 200, 0x21),
  'version 2 of JFIF': (jpeg) => withBytes(jpegWith(withoutJfif(jpegWith(jpeg, jfif)), jfif), 11, 2),
  'a transform of 2 for three components': (jpeg) => jpegWith(withoutJfif(jpegWith(jpeg, jfif)), adobe(2)),
  'a transform of 77': (jpeg) => jpegWith(withoutJfif(jpegWith(jpeg, jfif)), adobe(77)),
  'no end': (jpeg) => jpeg.subarray(0, jpeg.length - 2),
  'an end of which one byte is there': (jpeg) => jpeg.subarray(0, jpeg.length - 1),
};

/** Damage of which libjpeg warns: a bad Huffman code, or data that end early. */
const damage: Record<string, (jpeg: Buffer) => Buffer> = {
  'overwritten in the middle': (jpeg) => {
    const middle = (scanOf(jpeg) + jpeg.length) >> 1;
    return Buffer.from(jpeg).fill(0xfe, middle, middle + 60);
  },
  'cut off, and the end put behind it': (jpeg) =>
    Buffer.concat([jpeg.subarray(0, (scanOf(jpeg) + jpeg.length) >> 1), Buffer.from('ffd9', 'hex')]),
};

async function outcomeOf(jpeg: Buffer): Promise<unknown> {
  return made(jpeg, presets).then(
    (decoded) => pixelsOf(decoded, 'whole.png'),
    (error: unknown) => error,
  );
}

describe.each([
  ['a JPEG', baseline],
  ['one of subsampled colours', subsampled],
])('%s with untidy headers', (_, jpeg) => {
  it.each(Object.entries(untidy))(
    'sound pixels with untidy headers give the same picture: %s',
    async (_, edit) => {
      await expect(sharp(edit(jpeg)).raw().toBuffer(), 'what the codec alone says').rejects.toThrow(
        'VipsJpeg',
      );
      expect(await outcomeOf(edit(jpeg))).toEqual(await outcomeOf(jpeg));
    },
  );

  it.each(Object.entries(damage))('damaged data with untidy headers is refused: %s', async (_, damaged) => {
    for (const [name, edit] of Object.entries({ tidy: (same: Buffer) => same, ...untidy })) {
      const outcome = await outcomeOf(edit(damaged(jpeg)));
      expect(outcome, name).toBeInstanceOf(Rejection);
      expect(outcome, name).toMatchObject({ code: 'corrupt_image' });
    }
  });
});

it('inks with an unknown transform are read as libjpeg does: YCCK', async () => {
  const { data } = found(inks, marker.application14);
  const withTransform = (transform: number) => outcomeOf(withBytes(inks, data + 11, transform));
  expect(await withTransform(1)).toEqual(await withTransform(2));
  expect(await withTransform(1)).not.toEqual(await withTransform(0));
});

describe('the end of a JPEG', () => {
  it.each([1, 3, 20])('a JPEG whose data ends early is refused: %i bytes', async (missing) => {
    for (const jpeg of [baseline, subsampled])
      expect(await outcomeOf(jpeg.subarray(0, jpeg.length - 2 - missing))).toMatchObject({
        code: 'corrupt_image',
        detail: 'The JPEG ends before the image is complete.',
      });
  });

  it('no end is appended to a progressive JPEG, which would look whole if cut between two scans', async () => {
    const scans = [...segments(progressive)].filter((one) => one.marker === marker.startOfScan);
    const second = scans[1] as Segment;
    const between = progressive.subarray(0, second.begin);
    expect(await outcomeOf(Buffer.from(between))).toMatchObject({ code: 'corrupt_image' });
    expect(await outcomeOf(progressive.subarray(0, progressive.length - 2))).toMatchObject({
      code: 'corrupt_image',
    });
  });
});

describe('damage in the last rows', () => {
  const large = draw(noise(1024, 1024));
  it.each([
    ['4:4:4', 1024],
    ['4:4:4', 128],
    ['4:2:0', 128],
    ['4:2:0', 100],
  ])(
    'damage in the last rows of a JPEG of %s is found at %i pixels, where libvips reads no further',
    async (chroma, width) => {
      const jpeg = await large.clone().jpeg({ chromaSubsampling: chroma }).toBuffer();
      const whole = { at: { width, formats: ['png' as const] } };
      await made(jpeg, whole);
      const cut = Buffer.concat([jpeg.subarray(0, jpeg.length - 400), Buffer.from('ffd9', 'hex')]);
      await expect(made(cut, whole)).rejects.toMatchObject({
        code: 'corrupt_image',
        detail: 'The JPEG ends before the image is complete.',
      });
    },
  );
});

describe('tidying a JPEG', () => {
  it('a tidy JPEG is returned without a copy', () => {
    for (const jpeg of [baseline, subsampled, progressive, inks]) expect(tidied(jpeg)).toBe(jpeg);
    expect(tidied(jpegWith(baseline, segment(0xe1, progressive)))).toHaveLength(
      baseline.length + progressive.length + 4,
    );
    const filled = withStray(baseline, marker.huffmanTables, 0xff, 0xff);
    expect(tidied(filled), 'bytes that fill up are allowed before each marker').toBe(filled);
  });

  it('bytes after entropy-coded data are kept, because stray ones may be damage', () => {
    const scans = [...segments(progressive)].filter((one) => one.marker === marker.huffmanTables);
    const { begin } = scans.at(-1) as Segment;
    const behindScan = Buffer.concat([
      progressive.subarray(0, begin),
      Buffer.from([1, 2, 3]),
      progressive.subarray(begin),
    ]);
    expect(tidied(behindScan)).toBe(behindScan);
  });

  it('tidying a file of nothing but markers ends at once', () => {
    const scrap = Buffer.concat([Buffer.from([9]), segment(0xfe, Buffer.alloc(1))]);
    const bomb = Buffer.concat([baseline.subarray(0, 2), ...Array.from({ length: 50_000 }, () => scrap)]);
    expect(tidied(bomb)).toBe(bomb);
  });
});

it('a JPEG of two components is refused as unsupported', async () => {
  const grey = await draw(plain(16, 16, [128]))
    .toColourspace('b-w')
    .jpeg()
    .toBuffer();
  const [frame, scan] = [found(grey, marker.startOfFrame0), found(grey, marker.startOfScan)];
  const size = grey.subarray(frame.data, frame.data + 5);
  const data = grey.subarray(scan.end, grey.length - 2);
  const scanOfOne = (id: number) => Buffer.concat([segment(0xda, Buffer.from([1, id, 0, 0, 63, 0])), data]);
  const two = Buffer.concat([
    grey.subarray(0, frame.begin),
    segment(0xc0, Buffer.concat([size, Buffer.from([2, 1, 0x11, 0, 2, 0x11, 0])])),
    grey.subarray(frame.end, scan.begin),
    scanOfOne(1),
    scanOfOne(2),
    Buffer.from('ffd9', 'hex'),
  ]);
  const outcome = await outcomeOf(two);
  expect(outcome).toMatchObject({ code: 'corrupt_image' });
  expect(String(outcome)).toContain('2 channels');
});

it('reduced tiles stay in place after the header is corrected', async () => {
  const jpeg = await draw(quartered(64, 48)).jpeg().toBuffer();
  const decoded = await made(withStray(jpeg, marker.huffmanTables, 1, 2), presets);
  expect(decoded.original).toMatchObject({ width: 64, height: 48, bytes: jpeg.length + 2 });
});

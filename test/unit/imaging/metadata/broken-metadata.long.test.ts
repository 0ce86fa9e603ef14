import { afterAll, describe, expect, it } from 'vitest';
import { Rejection } from '../../../../lambda/domain/failure.ts';
import { draw, plain, quartered } from '../fixtures.ts';
import {
  ascii,
  chunk,
  extendedHeader,
  internationalText,
  jpegWith,
  latin1,
  long,
  pageTags,
  photoshop,
  pngWith,
  profileChunk,
  riff,
  riffChunk,
  riffChunks,
  segment,
  short,
  type Tag,
  tiffFile,
  undefinedTag,
  webpFlag,
} from '../inspect/containers.ts';
import { seeded } from '../sandbox/mutations.ts';
import { openLane } from '../sandbox-folder.ts';

const { decode, close } = openLane({
  presets: { small: { width: 8, formats: ['webp'], metadata: ['copyright', 'creator', 'credit'] } },
  inputs: { avif: true },
});
afterAll(close);

const picture = draw(quartered(40, 30));
const jpeg = await picture.clone().jpeg().toBuffer();
const png = await picture.clone().png().toBuffer();
const webp = await picture.clone().webp().toBuffer();
const sound = tiffFile({
  chain: [
    [short(0x0112, 1), ascii(0x013b, 'Ada Lovelace'), ascii(0x8298, 'Ada')],
    [ascii(0x010e, 'thumbnail')],
  ],
  children: { 34665: [undefinedTag(0x927c, Buffer.alloc(40, 7))], 34853: [ascii(0x12, 'WGS-84')] },
});

/** EXIF blocks, broken as by cameras, phones and editors, and in some more ways. */
function brokenBlocks(): Buffer[] {
  const blocks = [
    Buffer.alloc(0),
    latin1('II'),
    latin1('II*\0'),
    Buffer.alloc(100, 0xff),
    latin1('no EXIF at all, but long enough'),
  ];
  for (let at = 4; at < sound.length; at += 9) blocks.push(sound.subarray(0, at));
  const random = seeded(7);
  for (let count = 0; count < 60; count++) {
    const block = Buffer.from(sound);
    for (let changes = 0; changes < 4; changes++)
      block[4 + Math.floor(random() * (block.length - 4))] = Math.floor(random() * 256);
    blocks.push(block);
  }
  const circle = Buffer.from(sound);
  circle.writeUInt32LE(8, 8 + 2 + 12 * circle.readUInt16LE(8));
  const endless = Buffer.from(sound);
  endless.writeUInt16LE(0xffff, 8);
  const heavy = tiffFile({
    chain: [Array.from({ length: 1500 }, (_, index) => ascii(index + 1, 'x'.repeat(20)))],
  });
  return [...blocks, circle, endless, heavy];
}

/** Width and height may be swapped, if damage happens to create a valid orientation of 5-8. */
async function sizeOf(file: Buffer): Promise<number[] | string> {
  try {
    const { original } = await decode(file);
    return [original.width, original.height].sort((a, b) => b - a);
  } catch (error) {
    return error instanceof Rejection ? `${error.message} ${String(error.cause)}` : String(error);
  }
}

async function wrongOf(files: Iterable<Buffer>, size = [40, 30]): Promise<object[]> {
  const wrong: object[] = [];
  let index = 0;
  for (const file of files) {
    const is = await sizeOf(file);
    if (String(is) !== String(size)) wrong.push({ index, is });
    index++;
  }
  return wrong;
}

describe('a photograph with broken metadata', () => {
  it('broken EXIF of a JPEG is ignored', async () => {
    const files = brokenBlocks().map((block) =>
      jpegWith(jpeg, segment(0xe1, Buffer.concat([latin1('Exif\0\0'), block]))),
    );
    expect(await wrongOf(files)).toEqual([]);
  });

  it('broken EXIF of a PNG is ignored', async () => {
    expect(await wrongOf(brokenBlocks().map((block) => pngWith(png, chunk('eXIf', block))))).toEqual([]);
  });

  it('broken EXIF of a WebP is ignored', async () => {
    const files = brokenBlocks().map((block) =>
      riff(
        extendedHeader(40, 30, webpFlag.exif),
        ...riffChunks(webp).map(({ bytes }) => bytes),
        riffChunk('EXIF', block),
      ),
    );
    expect(await wrongOf(files)).toEqual([]);
  });

  it('broken EXIF of an AVIF is ignored', async () => {
    const whole = await picture
      .clone()
      .withExif({ IFD0: { Artist: 'A'.repeat(sound.length) } })
      .avif({ effort: 0 })
      .toBuffer();
    const at = whole.indexOf(latin1('II*\0'));
    const files = brokenBlocks().map((block) => {
      const file = Buffer.from(whole);
      block.copy(file, at, 0, Math.min(block.length, sound.length));
      return file;
    });
    expect(await wrongOf(files)).toEqual([]);
  });

  it('broken EXIF directories of a TIFF are ignored', async () => {
    const pixels = plain(4, 4, [1, 2, 3]).data;
    const page = (...more: Tag[]) => tiffFile({ lead: pixels, chain: [[...pageTags(4, 4, 8), ...more]] });
    const files = [0, 1, 8, 0x7fff_ffff, 0xffff_ffff].flatMap((offset) => [
      page(long(0x8769, offset)),
      page(long(0x8825, offset)),
    ]);
    expect(await wrongOf(files, [4, 4])).toEqual([]);
  });

  it.each([0, 9, 255, 65_535])('an orientation of %i counts as upright', async (value) => {
    const block = tiffFile({ chain: [[short(0x0112, value)]] });
    const { original } = await decode(
      jpegWith(jpeg, segment(0xe1, Buffer.concat([latin1('Exif\0\0'), block]))),
    );
    expect(original).toMatchObject({ width: 40, height: 30 });
  });
});

describe('other broken metadata', () => {
  const garbage = Buffer.from(Array.from({ length: 300 }, (_, index) => (index * 89) & 0xff));

  it('invalid XMP, IPTC and profiles are ignored', async () => {
    const named = (name: string) => Buffer.concat([latin1(name), garbage]);
    const files = [
      jpegWith(jpeg, segment(0xe1, named('http://ns.adobe.com/xap/1.0/\0'))),
      jpegWith(jpeg, segment(0xe1, latin1('http'))),
      jpegWith(jpeg, segment(0xed, named('Photoshop 3.0\0'))),
      jpegWith(jpeg, segment(0xed, Buffer.concat([latin1('Photoshop 3.0\0'), photoshop({ 1028: garbage })]))),
      jpegWith(jpeg, segment(0xe2, named('ICC_PROFILE\0\x01\x01'))),
      jpegWith(jpeg, segment(0xe2, named('ICC_PROFILE\0\x02\x01'))),
      pngWith(png, profileChunk('a', garbage)),
      pngWith(png, internationalText('XML:com.adobe.xmp', garbage, false)),
      pngWith(png, internationalText('XML:com.adobe.xmp', garbage, true)),
      riff(
        extendedHeader(40, 30, webpFlag.icc | webpFlag.xmp),
        riffChunk('ICCP', garbage),
        ...riffChunks(webp).map(({ bytes }) => bytes),
        riffChunk('XMP ', garbage),
      ),
    ];
    expect(await wrongOf(files)).toEqual([]);
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { Rejection } from '../../../lambda/domain/failure.ts';
import { codecs } from '../../../lambda/imaging/codecs.ts';
import { fileType } from '../../../lambda/imaging/file-type.ts';
import { countScans } from '../../../lambda/imaging/jpeg-scans.ts';
import { openLane } from './decoder-folder.ts';
import { draw, noise, plain, quartered } from './fixtures.ts';

const limits = { maxBytes: 300_000, maxPixels: 250_000, maxPixelsJpeg: 500_000, maxSide: 4000, maxPages: 3 };
const { decode, close } = openLane({ presets: { small: { width: 320, height: 320 } }, limits });
afterAll(close);

async function rejection(bytes: Uint8Array): Promise<Rejection> {
  const outcome = await decode(bytes).catch((error: unknown) => error);
  if (!(outcome instanceof Rejection)) throw new Error(`expected a rejection, got ${String(outcome)}`);
  // What the tenant reads is a sentence without paths or the codec's own names.
  expect(outcome.detail).toMatch(/^The [^\n]+\.$/);
  expect(outcome.detail).not.toMatch(/vips|libpng|webp2|heif:|buffer|\/|\\/i);
  return outcome;
}

describe('a file is rejected by its bytes', () => {
  it('empty_file', async () => {
    expect((await rejection(Buffer.alloc(0))).code).toBe('empty_file');
  });

  it('file_too_large', async () => {
    const { code, detail } = await rejection(Buffer.alloc(limits.maxBytes + 1));
    expect(code).toBe('file_too_large');
    expect(detail).toContain('300000');
  });

  it.each([
    ['text', 'text', Buffer.from('hello, I am a text file renamed to photo.jpg')],
    ['SVG', 'SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')],
    ['SVG behind a comment and a mark', 'SVG', Buffer.from('\ufeff  <!-- x --><svg width="9"></svg>')],
    ['HTML', 'HTML', Buffer.from('<!doctype html><title>hello</title>')],
    ['PDF', 'PDF', Buffer.from('%PDF-1.7 and so on')],
    ['BMP', 'BMP', Buffer.from('BM6\0\0\0\0\0\0\0\x36\0\0\0(\0\0\0')],
    ['HEIC', 'HEIC', Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1')],
    ['noise', 'an unknown type', Buffer.from(noise(20, 20).data)],
    ['a byte', 'too short to be an image', Buffer.from([0xff])],
    ['the head of a JPEG and its end', 'too short to be an image', Buffer.from('ffd8ffd9', 'hex')],
  ])('unsupported_type: %s is named and so is what is accepted', async (_, found, bytes) => {
    const { code, detail } = await rejection(bytes);
    expect(code).toBe('unsupported_type');
    expect(detail).toBe(`The file is ${found}. Accepted are JPEG, PNG, WebP, GIF, TIFF, AVIF.`);
  });

  it('unsupported_type: begins like one type and holds none', async () => {
    const file = Buffer.concat([Buffer.from('II*\0', 'latin1'), Buffer.alloc(200, 0x20)]);
    const { code, detail } = await rejection(file);
    expect(code).toBe('unsupported_type');
    expect(detail).toContain('begins like TIFF');
  });

  it('dimensions_too_large: a side, before anything is decoded', async () => {
    const { code, detail } = await rejection(
      await draw(plain(4001, 2, [1, 2, 3]))
        .png()
        .toBuffer(),
    );
    expect(code).toBe('dimensions_too_large');
    expect(detail).toContain('4001 × 2');
  });

  it('dimensions_too_large: pixels, of which a JPEG may have more', async () => {
    const image = draw(plain(600, 600, [1, 2, 3]));
    expect((await rejection(await image.clone().png().toBuffer())).code).toBe('dimensions_too_large');
    expect((await decode(await image.clone().jpeg().toBuffer())).variants).toHaveLength(2);
    const larger = await draw(plain(800, 800, [1, 2, 3]))
      .jpeg()
      .toBuffer();
    expect((await rejection(larger)).code).toBe('dimensions_too_large');
  });

  it('too_complex: more pages than allowed', async () => {
    const frames = await Promise.all(
      [0, 60, 120, 180].map((grey) =>
        draw(plain(20, 20, [grey, 0, 0]))
          .png()
          .toBuffer(),
      ),
    );
    const gif = (count: number) =>
      sharp(frames.slice(0, count), { join: { animated: true } })
        .gif()
        .toBuffer();
    expect((await rejection(await gif(4))).code).toBe('too_complex');
    expect((await decode(await gif(3))).original.contentType).toBe('image/gif');
  });

  it('too_complex: more scans than a camera writes', async () => {
    const { code, detail } = await rejection(await manyScans(101));
    expect(code).toBe('too_complex');
    expect(detail).toContain('100 scans');
  });
});

describe('a damaged image is corrupt_image', () => {
  const picture = draw(noise(200, 150));
  const formats = ['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const;

  it.each(formats)('a %s that is cut off, and the whole one is not', async (format) => {
    const whole = await picture.clone()[format]().toBuffer();
    expect((await decode(whole)).original).toMatchObject({
      contentType: `image/${format}`,
      width: 200,
      height: 150,
    });
    const cut = whole.subarray(0, Math.floor(whole.length / 2));
    // A TIFF keeps its directory at the end: half of one cannot be told to be an image at all.
    expect((await rejection(cut)).code).toBe(format === 'tiff' ? 'unsupported_type' : 'corrupt_image');
  });

  it('a JPEG whose data are overwritten in the middle', async () => {
    const whole = await picture.clone().jpeg().toBuffer();
    const middle = Math.floor(whole.length / 2);
    whole.fill(0xff, middle, middle + 64);
    expect((await rejection(whole)).code).toBe('corrupt_image');
  });

  it('and the reason for the log is the codec’s own, bounded', async () => {
    const whole = await picture.clone().jpeg().toBuffer();
    const { cause } = await rejection(whole.subarray(0, 2000));
    expect(String(cause)).toMatch(/premature end/i);
    expect(String(cause).length).toBeLessThan(600);
  });
});

describe('counting scans', () => {
  it('counts those of the image and not those of a thumbnail inside a segment', async () => {
    const thumbnail = await draw(quartered(32, 32)).jpeg({ progressive: true }).toBuffer();
    const image = await draw(quartered(64, 64)).jpeg().toBuffer();
    const segment = Buffer.alloc(4);
    segment.writeUInt16BE(0xffe1, 0);
    segment.writeUInt16BE(thumbnail.length + 2, 2);
    const both = Buffer.concat([image.subarray(0, 2), segment, thumbnail, image.subarray(2)]);
    expect(countScans(image, 100)).toBe(1);
    expect(countScans(both, 100)).toBe(1);
    expect(countScans(thumbnail, 100)).toBeGreaterThan(1);
  });

  it('stops once there are enough, at the end of the image, and at the end of the bytes', async () => {
    const many = await manyScans(50);
    expect(countScans(many, 10)).toBe(11);
    expect(countScans(many, 100)).toBe(50);
    expect(countScans(Buffer.from('ffd8ffda0002ffd90000ffda0002', 'hex'), 100)).toBe(1);
    expect(countScans(many.subarray(0, many.length - 2), 1000)).toBe(50);
    expect(countScans(Buffer.from('ffd8ffda', 'hex'), 100)).toBe(1);
    expect(countScans(Buffer.from('ffd8', 'hex'), 100)).toBe(0);
  });

  it('skips stuffed bytes and restart markers', () => {
    expect(countScans(Buffer.from('ffd8ffda0003aa11ff00da22ffd0ffd7ffda0002ffd9', 'hex'), 9)).toBe(2);
  });
});

describe('the codecs', () => {
  it('open nothing but the accepted types, and nothing by its path', async () => {
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
    await expect(codecs(svg).metadata()).rejects.toThrow(/unsupported/);
    const folder = mkdtempSync(join(tmpdir(), 'sluice-codecs-'));
    const path = join(folder, 'a.png');
    const png = await draw(quartered(8, 8)).png().toBuffer();
    writeFileSync(path, png);
    await expect(codecs(path).metadata()).rejects.toThrow(/unsupported/);
    await expect(codecs(png).metadata()).resolves.toMatchObject({ format: 'png' });
    rmSync(folder, { recursive: true });
  });
});

describe('telling a file’s type', () => {
  it.each([
    ['jpeg', 'ffd8ffe000104a46494600010100'],
    ['png', '89504e470d0a1a0a0000000d49484452'],
    ['webp', '524946460000000057454250'],
    ['gif', '474946383961010001000000'],
    ['tiff', '4d4d002a0000000800000000'],
    ['avif', '000000206674797061766966'],
  ])('%s', (type, hex) => {
    expect(fileType(Buffer.from(hex, 'hex'))).toEqual({ type });
  });

  it('a RIFF that is no WebP is not taken for one', () => {
    expect(fileType(Buffer.from('RIFF\0\0\0\0WAVEfmt ')).type).toBeUndefined();
  });
});

/** A progressive JPEG of so many scans: its last one, a refinement, again and again. */
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

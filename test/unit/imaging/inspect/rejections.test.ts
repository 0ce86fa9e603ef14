import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Rejection } from '../../../../lambda/domain/failure.ts';
import { codecs } from '../../../../lambda/imaging/codecs.ts';
import { draw, noise, quartered } from '../fixtures.ts';
import { openLane } from '../sandbox-folder.ts';
import { rejectionOf } from './rejection-of.ts';

const { decode, close } = openLane({
  presets: { small: { width: 320, height: 320 } },
  limits: { maxBytes: 300_000 },
  inputs: { avif: true },
});
afterAll(close);

async function rejection(bytes: Uint8Array): Promise<Rejection> {
  const outcome = await rejectionOf(decode(bytes));
  // The tenant gets a sentence without paths or names from the codec.
  expect(outcome.detail).toMatch(/^The [^\n]+\.$/);
  expect(outcome.detail).not.toMatch(/vips|libpng|webp2|heif:|buffer|\/|\\/i);
  return outcome;
}

describe('the size of a file', () => {
  it('an empty file is empty_file', async () => {
    expect((await rejection(Buffer.alloc(0))).code).toBe('empty_file');
  });

  it('a file above maxBytes is file_too_large', async () => {
    const { code, detail } = await rejection(Buffer.alloc(300_001));
    expect(code).toBe('file_too_large');
    expect(detail).toContain('300000');
  });
});

describe('damaged images', () => {
  const picture = draw(noise(200, 150));
  const formats = ['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const;

  it.each(formats)('a truncated %s is corrupt_image, and the whole one is not', async (format) => {
    const whole = await picture.clone()[format]().toBuffer();
    expect((await decode(whole)).original).toMatchObject({
      contentType: `image/${format}`,
      width: 200,
      height: 150,
    });
    const cut = whole.subarray(0, Math.floor(whole.length / 2));
    // The directory of a TIFF is at its end, so half of one cannot be recognised as an image.
    expect((await rejection(cut)).code).toBe(format === 'tiff' ? 'unsupported_type' : 'corrupt_image');
  });

  it('a JPEG with overwritten data is corrupt_image', async () => {
    const whole = await picture.clone().jpeg().toBuffer();
    const middle = Math.floor(whole.length / 2);
    whole.fill(0xff, middle, middle + 64);
    expect((await rejection(whole)).code).toBe('corrupt_image');
  });

  it('an unsupported kind of image is corrupt_image but not called damaged', async () => {
    const whole = await picture.clone().jpeg().toBuffer();
    const precision = whole.indexOf(Buffer.from([0xff, 0xc0])) + 4;
    whole[precision] = 12;
    const { code, detail } = await rejection(whole);
    expect(code).toBe('corrupt_image');
    expect(detail).toBe('The JPEG is of a rare kind that is not supported.');
  });

  it('the reason in the log is the codec’s own, with a maximum length', async () => {
    const whole = await picture.clone().jpeg().toBuffer();
    const { cause } = await rejection(whole.subarray(0, 2000));
    expect(String(cause)).toMatch(/premature end/i);
    expect(String(cause).length).toBeLessThan(600);
  });
});

describe('the codecs', () => {
  it('the codecs open only the accepted types, and nothing by a path', async () => {
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

import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { InputType } from '../../../lambda/domain/inputs.ts';
import type { SluiceConfig } from '../../../lib/config/schema.ts';
import { memoryNeeds } from '../../../lib/rules/sandbox-memory.ts';
import { patience } from '../../support/pace.ts';
import { useLane } from '../imaging/sandbox-folder.ts';

const MiB = 1024 ** 2;
const [width, height] = [3000, 2000];

/** Noise, which encoders cannot compress. */
function noise(channels: 3 | 4, frames = 1) {
  const data = Buffer.alloc(width * height * channels);
  let state = 1;
  for (let at = 0; at < data.length; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[at] = state >>> 24;
  }
  const raw = { width, height, channels };
  return sharp(data, { raw: frames === 1 ? raw : { ...raw, pageHeight: height / frames } });
}
/** Strokes on two fifths of the width, so that noise counts as a graphic. */
function strokes(high: number, frames = 1) {
  const data = Buffer.alloc(width * high * 4);
  let state = 1;
  for (let at = 0; at < data.length; at += 4) {
    const [x, y] = [(at / 4) % width, Math.floor(at / 4 / width)];
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const isInk = y % 32 < 12 && x % 40 < 30 && (x % 5 < 2 || y % 7 === 0);
    if (x < 0.4 * width) data.writeUInt32BE(isInk ? 0xfadc28ff : 0x283cc8ff, at);
    else data.writeUInt32LE(state, at);
  }
  const raw = { width, height: high, channels: 4 as const };
  return sharp(data, { raw: frames === 1 ? raw : { ...raw, pageHeight: high / frames } });
}
const deep = () => noise(4).toColourspace('rgb16');

interface Case {
  type: InputType;
  file: () => Promise<Buffer>;
  preset: SluiceConfig['presets'][string];
}
const whole = { width: 3000, height: 3000 };

describe.runIf(process.platform === 'linux')('the memory estimate of a sandbox', () => {
  it.each<[string, Case]>([
    [
      'for a progressive JPEG as WebP and JPEG',
      {
        type: 'jpeg',
        file: () => noise(3).jpeg({ progressive: true, chromaSubsampling: '4:4:4' }).toBuffer(),
        preset: whole,
      },
    ],
    [
      'for noise as JPEG with trellis and as WebP, of the best quality',
      {
        type: 'jpeg',
        file: () => noise(3).jpeg({ quality: 95 }).toBuffer(),
        preset: {
          ...{ width: 2000, height: 2000, formats: ['webp', 'jpeg'] },
          ...{ effort: { jpeg: 1 }, quality: { webp: 100, jpeg: 100 } },
        },
      },
    ],
    [
      'for an interlaced PNG of 16 bits as PNG',
      {
        type: 'png',
        file: () => deep().png({ progressive: true }).toBuffer(),
        preset: { ...whole, formats: ['png'] },
      },
    ],
    [
      'for noise with alpha as WebP, sharpened and cropped',
      {
        type: 'png',
        file: () => noise(4).png().toBuffer(),
        preset: { width: 2900, height: 1900, fit: 'cover', sharpen: 1, formats: ['webp'] },
      },
    ],
    [
      'for noise with alpha as AVIF of the best quality',
      {
        type: 'tiff',
        file: () => noise(4).tiff().toBuffer(),
        preset: { ...whole, formats: ['avif'], quality: { avif: 100 } },
      },
    ],
    [
      'for an animation of noise',
      {
        type: 'webp',
        file: () =>
          noise(4, 20)
            .webp({ effort: 0, delay: Array.from({ length: 20 }, () => 50) })
            .toBuffer(),
        preset: whole,
      },
    ],
    [
      'for noise with alpha as a graphic in WebP, whose colours are chosen with care',
      {
        type: 'png',
        file: () => strokes(height).png({ compressionLevel: 1 }).toBuffer(),
        preset: { ...whole, formats: ['webp'], quality: 'high' },
      },
    ],
    [
      'for an animation of noise as a graphic, with and without loss',
      {
        type: 'webp',
        file: () =>
          strokes(1400, 20)
            .webp({ lossless: true, effort: 0, delay: Array.from({ length: 20 }, () => 50) })
            .toBuffer(),
        preset: { ...whole, formats: ['webp'], quality: 'high' },
      },
    ],
    [
      'for a reduced AVIF',
      {
        type: 'avif',
        file: () => noise(4).avif({ effort: 0, quality: 80 }).toBuffer(),
        preset: { width: 300, height: 300 },
      },
    ],
  ])('a sandbox takes no more memory than estimated %s', async (_, { type, file, preset }) => {
    const bytes = await file();
    const limits = {
      maxBytes: bytes.length,
      maxPixels: width * height,
      maxPixelsJpeg: width * height,
      maxFramePixels: width * height,
      maxSide: width,
      // The slowest, with trellis, takes 8 s on a quiet machine, and its cores are shared with two other files.
      decodeTimeoutMs: 300_000,
    };
    const { lane, decode, settings } = useLane({ presets: { a: preset }, limits, inputs: { avif: true } });
    const { variants } = await decode(bytes, undefined, patience(90_000));
    expect(variants.length).toBeGreaterThan(0);
    const peak = peakOf(lane.pid as number);
    const needs = memoryNeeds(settings).filter((need) => need.type === type);
    const most = Math.max(...needs.map((need) => need.bytes));
    expect(peak / MiB).toBeLessThan(most / MiB);
    // The estimate is at most three times the measured peak.
    expect(peak).toBeGreaterThan(most / 3);
  });
});

function peakOf(pid: number): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]) * 1024;
}

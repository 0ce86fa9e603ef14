import { describe, expect, it } from 'vitest';
import type { InputType } from '../../../lambda/domain/inputs.ts';
import { resolveConfig } from '../../../lib/config/resolve.ts';
import type { SluiceConfig } from '../../../lib/config/schema.ts';
import { memoryNeeds } from '../../../lib/rules/sandbox-memory.ts';
import { timeNeeds } from '../../../lib/rules/sandbox-time.ts';

/* What graphics for a score take more than the encoders' numbers, by the rates of lib/rules. */

type Quality = SluiceConfig['presets'][string]['quality'];
const side = 1000;

const settingsOf = (quality: Quality, maxFramePixels: number) =>
  resolveConfig({
    presets: { a: { width: side, height: side, formats: ['webp'], quality } },
    limits: { maxFramePixels, maxPixels: side ** 2, maxPixelsJpeg: side ** 2 },
    process: { memoryMb: 3008 },
  });

/** The most memory of a preset for images of a type, in bytes. */
function most(type: InputType, moving: boolean, quality: Quality, maxFramePixels = 40e6): number {
  const needs = memoryNeeds(settingsOf(quality, maxFramePixels));
  return Math.max(
    ...needs.filter((one) => one.type === type && one.preset?.moving === moving).map(({ bytes }) => bytes),
  );
}

describe('the needs of graphics for a score', () => {
  it('are 43 bytes a pixel with alpha, for colours that are chosen with care', () => {
    expect(most('png', false, 'high') - most('png', false, { webp: 80 })).toBe((43 - 41) * side ** 2);
  });

  it('of an animation are 21 bytes a pixel, up to 4.2 megapixels of frames', () => {
    for (const [pixels, more] of [
      [3e6, (21 - 7) * 3e6],
      [40e6, 0],
    ] as const)
      expect(most('gif', true, 'high', pixels) - most('gif', true, { webp: 80 }, pixels)).toBe(more);
  });

  // Measured: 0.97 to 1.11 s with efforts of 0 to 2.
  it.each([0, 1, 2, 4])(
    'of a still WebP of effort %d are 1.1 s a megapixel, with what is tried without loss',
    (webp) => {
      const { presets, ...rest } = settingsOf('high', 1);
      const preset = {
        ...(presets.a as NonNullable<typeof presets.a>),
        effort: { webp, jpeg: 0, png: 6, avif: 0 },
      };
      const needs = timeNeeds({ ...rest, presets: { a: preset } });
      const { seconds } = needs.find(({ type }) => type === 'png') as (typeof needs)[number];
      // And 0.06 for reading.
      expect(seconds - 0.06).toBeCloseTo(1.1, 6);
    },
  );

  it('of an animation are 1.01 s a megapixel, up to 4.2 megapixels of frames', () => {
    const seconds = (quality: Quality, pixels: number) =>
      timeNeeds(settingsOf(quality, pixels)).find(({ type }) => type === 'gif')?.seconds as number;
    expect(seconds('high', 4.2e6) - seconds({ webp: 80 }, 4.2e6)).toBeCloseTo((1.01 - 0.12) * 4.2, 6);
    expect(seconds('high', 40e6) - seconds({ webp: 80 }, 40e6)).toBeCloseTo(0, 6);
  });
});

it('an opaque WebP takes 32 bytes a pixel from a number of 85 on', () => {
  expect(most('jpeg', false, { webp: 85 }) - most('jpeg', false, { webp: 84 })).toBe((32 - 22) * side ** 2);
});

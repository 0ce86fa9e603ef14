import { formatsOf } from '../../lambda/domain/formats.ts';
import type { VariantFormat } from '../../lambda/domain/image.ts';
import type { Preset } from '../../lambda/domain/preset.ts';

/*
 * The CPU and the bytes that presets take of one photograph, 4000 × 3000 pixels in a JPEG of 3 MB. Rates are those of
 * bench/imaging/result.json on one core; test/unit/plan/photograph.test.ts compares them. Photographs are not noise, so
 * the rates of lib/rules/sandbox-time.ts are three times as high and only their ratios between efforts are used here.
 */

export type Presets = Readonly<Record<string, Preset>>;

const photograph = { width: 4000, height: 3000 };

/** Milliseconds: the header, the placeholder, blending and hashes; and reading the file before any size is made. */
const each = 10;
const reading = 38;
/** Milliseconds per megapixel of a variant. */
const resizing = 18;
const sharpening = 67;
const encoding: Record<VariantFormat, readonly number[]> = {
  webp: [31, 52, 50.2, 68, 103.5, 145, 145],
  jpeg: [9.6, 77],
  png: [17, 33, 33, 40, 50, 67, 67, 133, 467, 933],
  avif: [71, 121, 121, 232, 1110, 2020, 3530, 5550, 6360, 17_200],
};
/** Bytes per pixel at the default qualities. PNG is an assumption, AVIF 0.83 of WebP. */
const bytesPerPixel: Record<VariantFormat, number> = { webp: 0.1102, jpeg: 0.1583, png: 1.5, avif: 0.092 };
/** WebP below effort 4. */
const fastBytes = 1.07;

/** Milliseconds of CPU on one core for all variants of these presets. */
export function photographCpuMs(presets: Presets): number {
  return Object.values(presets).reduce((sum, preset) => {
    const perMegapixel = formatsOf(preset, 'jpeg').reduce(
      (total, format) => total + (encoding[format][preset.effort[format]] ?? 0),
      resizing + (preset.sharpen > 0 ? sharpening : 0),
    );
    return sum + megapixels(preset) * perMegapixel;
  }, each + reading);
}

/** Bytes of all variants. */
export function variantBytes(presets: Presets): number {
  return Object.values(presets).reduce((sum, preset) => {
    const perPixel = formatsOf(preset, 'jpeg').reduce(
      (total, format) =>
        total + bytesPerPixel[format] * (format === 'webp' && preset.effort.webp < 4 ? fastBytes : 1),
      0,
    );
    return sum + megapixels(preset) * 1e6 * perPixel;
  }, 0);
}

export function variantCount(presets: Presets): number {
  return Object.values(presets).reduce((sum, preset) => sum + formatsOf(preset, 'jpeg').length, 0);
}

function megapixels(preset: Preset): number {
  const { width = Number.POSITIVE_INFINITY, height = Number.POSITIVE_INFINITY, fit, enlarge } = preset;
  if (fit === 'inside') {
    const fits = Math.min(width / photograph.width, height / photograph.height);
    const scale = enlarge ? fits : Math.min(1, fits);
    return (photograph.width * photograph.height * scale ** 2) / 1e6;
  }
  const most = enlarge || fit === 'contain' ? Number.POSITIVE_INFINITY : 1;
  const scale = Math.min(most, Math.min(photograph.width / width, photograph.height / height));
  return (width * height * Math.min(1, scale) ** 2) / 1e6;
}

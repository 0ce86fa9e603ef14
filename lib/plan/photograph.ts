import { formatsOf } from '../../lambda/domain/formats.ts';
import type { FormatChoice, VariantFormat } from '../../lambda/domain/image.ts';
import type { Preset } from '../../lambda/domain/preset.ts';
import { isTarget, namedScores } from '../../lambda/domain/quality.ts';

/*
 * The CPU and the bytes that presets take of one photograph, 4000 × 3000 pixels in a JPEG of 3 MB. Rates are those of
 * bench/imaging on one core; test/unit/plan/photograph.test.ts compares their proportions. Photographs are not noise, so
 * the rates of lib/rules/sandbox-time.ts are three times as high and only their ratios between efforts are used here.
 */

/** A preset, or the part of one that is made at a time. */
interface Part extends Preset {
  /** Formats that are encoded only to compare `modern` with them: another part has them. */
  comparedWith?: readonly VariantFormat[];
}

export type Presets = Readonly<Record<string, Part>>;

const photograph = { width: 4000, height: 3000 };

/** Milliseconds: the header, the placeholder, blending and hashes; and reading the file before any size is made. */
const each = 11;
const reading = 41.8;
/** Milliseconds per megapixel of a variant. */
const resizing = 19.8;
const sharpening = 73.7;
const encoding: Record<VariantFormat, readonly number[]> = {
  webp: [34.1, 57.2, 55.22, 74.8, 113.85, 159.5, 159.5],
  jpeg: [10.56, 84.7],
  png: [18.7, 36.3, 36.3, 44, 55, 73.7, 73.7, 146.3, 513.7, 1026.3],
  // By the ratios of bench/codecs at score 70: efforts 1 and 2 at 800 px, 3 to 9 at 320 px, each of one photograph.
  avif: [73.6, 515, 584, 687, 3720, 5150, 9790, 14_900, 18_300, 46_500],
};
/** Bytes per pixel by the encoders' default numbers (WebP 80, JPEG 80, AVIF 50), and of score 70. PNG is an assumption. */
const bytesPerPixel: Record<VariantFormat, { numbers: number; score: number }> = {
  webp: { numbers: 0.1102, score: 0.105 },
  jpeg: { numbers: 0.1583, score: 0.1024 },
  png: { numbers: 1.5, score: 1.5 },
  avif: { numbers: 0.092, score: 0.0858 },
};
/** Ten points of score more take so many times the bytes of a photograph (bench/codecs). */
const tenPoints = 1.5;
/** WebP below effort 4. */
const fastBytes = 1.07;

/** Milliseconds of CPU on one core for all variants of these presets. */
export function photographCpuMs(presets: Presets): number {
  return Object.values(presets).reduce((sum, preset) => {
    const made = formatsOf(preset, 'jpeg').map(formatOfPhotograph);
    const encoded = [...made, ...(preset.comparedWith ?? [])];
    const perMegapixel = encoded.reduce(
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
      (total, choice) => total + perPixelOf(formatOfPhotograph(choice), preset),
      0,
    );
    return sum + megapixels(preset) * 1e6 * perPixel;
  }, 0);
}

export function variantCount(presets: Presets): number {
  return Object.values(presets).reduce((sum, preset) => sum + formatsOf(preset, 'jpeg').length, 0);
}

function perPixelOf(format: VariantFormat, { quality, effort }: Preset): number {
  const { numbers, score } = bytesPerPixel[format];
  const fast = format === 'webp' && effort.webp < 4 ? fastBytes : 1;
  if (!isTarget(quality)) return numbers * fast;
  const points = format === 'png' ? 0 : quality.score - namedScores.standard;
  return score * fast * tenPoints ** (points / 10);
}

/** What a choice becomes of a photograph. */
export function formatOfPhotograph(choice: FormatChoice): VariantFormat {
  return choice === 'modern' ? 'avif' : choice;
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

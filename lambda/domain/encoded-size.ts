import { boxOf, largestVariant } from './box.ts';
import { formatsOf, keepsAnimation, possibleFormats } from './formats.ts';
import type { VariantFormat } from './image.ts';
import { acceptedInputs, type InputType } from './inputs.ts';
import type { Preset } from './preset.ts';
import { mostNumber } from './quality.ts';
import type { Settings } from './settings.ts';

/** From this quality on encoders hardly round: noise takes up to three times as many bytes. */
const fineQuality = 90;

interface Costs {
  /** Bytes per pixel, alpha included. */
  pixel: number;
  /** Bytes per edge pixel: codecs use blocks of 8 or 16 pixels a side, which a line of pixels does not fill. */
  edge: number;
}

/**
 * Upper bounds by quality: measured (sharp 0.35, all efforts, noise of bytes and of black and white, with alpha) plus a
 * third. Bytes per pixel of noise at quality 100 and 89: WebP 4.2 and 2.1, AVIF 5.9 and 3.0, JPEG 1.6 and 1.0, or 3.3
 * without subsampling; of a line of 1 × 4000 WebP 10.3 and 5.6, AVIF 14.1 and 5.2, JPEG 4.9 and 2.5. PNG has none:
 * zlib-ng's fastest level takes up to 9 bits a byte, in chunks of 8 kB.
 */
const mostBytes: Record<VariantFormat, { fine: Costs; coarse: Costs }> = {
  webp: { fine: { pixel: 5.5, edge: 8 }, coarse: { pixel: 2.8, edge: 5 } },
  avif: { fine: { pixel: 8, edge: 11 }, coarse: { pixel: 4, edge: 4 } },
  jpeg: { fine: { pixel: 4.4, edge: 4 }, coarse: { pixel: 1.4, edge: 3 } },
  png: { fine: { pixel: 4.6, edge: 2 }, coarse: { pixel: 4.6, edge: 2 } },
};
/** Headers and tables: an AVIF of one pixel has 460 bytes, a JPEG 325. */
const frameBytes = 1024;
/** Three lines of 2,000 characters, escaped in XMP, and two of them in EXIF. */
const creditBytes = 64 * 1024;

/** Frames of one size: width and height in pixels, or the sum and product over all frames if only these are known. */
interface Pictures {
  frames: number;
  pixels: number;
  edges: number;
}

/** Upper bound of a variant's bytes. @param size width and height in pixels */
export function mostVariantBytes(
  format: VariantFormat,
  { width, height }: { width: number; height: number },
  frames: number,
  preset: Pick<Preset, 'quality' | 'metadata'>,
): number {
  const pixels = frames * width * height;
  return bytesOf(format, { frames, pixels, edges: frames * (width + height) }, preset);
}

/** Upper bound of the bytes of all variants of an image of a type, by default of any type. Animations dominate it. */
export function mostAnswerBytes(
  settings: Pick<Settings, 'presets' | 'limits' | 'inputs'>,
  presetNames: readonly string[],
  type?: InputType,
): number {
  const types = type === undefined ? acceptedInputs(settings.inputs) : [type];
  const presets = presetNames.flatMap((name) => settings.presets[name] ?? []);
  const all = types.map((one) =>
    presets.reduce((sum, preset) => sum + mostBytesOf(preset, one, settings.limits), 0),
  );
  return Math.max(...all);
}

function mostBytesOf(preset: Preset, type: InputType, limits: Settings['limits']): number {
  const { width, height } = boxOf(preset);
  const pixels = largestVariant(preset, type === 'jpeg' ? limits.maxPixelsJpeg : limits.maxPixels);
  const still = { frames: 1, pixels, edges: width + height };
  const { maxPages, maxFramePixels } = limits;
  // w + h is at most w · h + 1, so thin frames cost the most.
  const moving = { frames: maxPages, pixels: maxFramePixels, edges: maxFramePixels + maxPages };
  const moves = keepsAnimation(preset, type);
  const mostOf = (format: VariantFormat) => {
    const one = bytesOf(format, still, preset);
    return moves && format === 'webp' ? Math.max(one, bytesOf(format, moving, preset)) : one;
  };
  return formatsOf(preset, type).reduce(
    (sum, choice) => sum + Math.max(...possibleFormats(choice).map(mostOf)),
    0,
  );
}

function bytesOf(
  format: VariantFormat,
  { frames, pixels, edges }: Pictures,
  { quality, metadata }: Pick<Preset, 'quality' | 'metadata'>,
): number {
  const isFine = format === 'png' || mostNumber(quality, format) >= fineQuality;
  const { pixel, edge } = mostBytes[format][isFine ? 'fine' : 'coarse'];
  const credits = metadata.length > 0 ? creditBytes : 0;
  return Math.ceil(pixel * pixels + edge * edges + frameBytes * frames + credits);
}

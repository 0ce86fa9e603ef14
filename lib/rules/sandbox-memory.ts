import { largestVariant, ordinaryPixels } from '../../lambda/domain/box.ts';
import {
  formatsOf,
  keepsAnimation,
  mostFineFramePixels,
  mostFinePixels,
  possibleFormats,
} from '../../lambda/domain/formats.ts';
import type { VariantFormat } from '../../lambda/domain/image.ts';
import { acceptedInputs, type InputType } from '../../lambda/domain/inputs.ts';
import type { Preset } from '../../lambda/domain/preset.ts';
import { isTarget, type LossyFormat, mostNumber } from '../../lambda/domain/quality.ts';
import type { Limits, Settings } from '../../lambda/domain/settings.ts';

/*
 * The memory of one image in the sandbox, by limits and presets: the largest measurement of each part (resident size of
 * a child, sharp 0.35, the most expensive files of 40 and 64 megapixels, noise), added in order.
 * test/unit/config/sandbox-memory.long.test.ts measures the whole again.
 */
const MiB = 1024 ** 2;
/** An idle sandbox takes 90 MiB; fragmentation adds some 30 over a long run. */
const restBytes = 120 * MiB;

interface Reading {
  /** Bytes per pixel if the codec holds the whole image: progressive JPEGs (CMYK the most) and interlaced PNGs. */
  held: number;
  /** Bytes per pixel of width if rows are streamed: 65,500 × 610 in 16 bits took 800 MiB. */
  row: number;
  /** Bytes per decoded pixel: 16-bit samples before they become 8. */
  sample: number;
  /** Channels of the raster. */
  channels: 3 | 4;
}
const readings: Record<InputType, Reading> = {
  jpeg: { held: 8.5, row: 2_000, sample: 3, channels: 3 },
  png: { held: 8, row: 13_000, sample: 8, channels: 4 },
  tiff: { held: 8, row: 13_000, sample: 8, channels: 4 },
  webp: { held: 9, row: 4_000, sample: 4, channels: 4 },
  gif: { held: 5, row: 4_000, sample: 4, channels: 4 },
  avif: { held: 19, row: 4_000, sample: 4, channels: 4 },
};

/** Bytes per pixel of noise in an encoder, file included. */
interface Encoding {
  opaque: number;
  alpha: number;
}
type Encoder = VariantFormat | 'trellis' | 'sharpYuv' | 'lossless';
/** `fine` at the best quality, with hardly any rounding. */
export const encodings: Record<Encoder, { coarse: Encoding; fine: Encoding }> = {
  webp: { coarse: { opaque: 22, alpha: 41 }, fine: { opaque: 32, alpha: 41 } },
  // Of graphics for a score, at 97.
  sharpYuv: { coarse: { opaque: 29, alpha: 43 }, fine: { opaque: 29, alpha: 43 } },
  jpeg: { coarse: { opaque: 8, alpha: 8 }, fine: { opaque: 17, alpha: 17 } },
  trellis: { coarse: { opaque: 11, alpha: 11 }, fine: { opaque: 34, alpha: 34 } },
  png: { coarse: { opaque: 6, alpha: 6 }, fine: { opaque: 6, alpha: 6 } },
  avif: { coarse: { opaque: 48, alpha: 67 }, fine: { opaque: 76, alpha: 92 } },
  // Of graphics, not of noise.
  lossless: { coarse: { opaque: 28, alpha: 29 }, fine: { opaque: 28, alpha: 29 } },
};
const fineQuality: Record<LossyFormat, number> = { webp: 85, jpeg: 90, avif: 96 };
/** From this effort on AVIF takes more at any quality: opaque 53 at 88, and with alpha 90 at 95. */
const thoroughAvif = 4;
/** The same for animations: three times the file, which doubles with hardly any rounding. */
const movingEncoding = { coarse: 7, fine: 13.5, fineQuality: 99 };
/** Small animations of graphics as WebP without loss, beside the lossy file: noise with alpha. */
const movingLossless = 21;
/** Bytes per pixel of noise in a finished file that waits for the image's others: the maximum of all formats. */
const waitingFile = 2.1;
/** Frames nearly as large as the image are made from one 1.25 times as large a side. */
const decodedShrink = 1.25 ** 2;

/** The settings that decide what an image takes. */
export type Rendering = Pick<Settings, 'presets' | 'limits' | 'inputs'>;

/** The largest memory of an image at one point of the pipeline, in bytes. */
export interface MemoryNeed {
  bytes: number;
  type: InputType;
  pixels: number;
  /** Absent if presets do not matter: the image itself cannot be read. */
  preset?: { name: string; pixels: number; format: VariantFormat; moving: boolean };
}

/** The memory for reading an image of each accepted type, and the largest memory of each preset. */
export function memoryNeeds({ presets, limits, inputs }: Rendering): MemoryNeed[] {
  const named = Object.entries(presets);
  return acceptedInputs(inputs).flatMap((type): MemoryNeed[] => {
    const { channels } = readings[type];
    const pixels = imagePixels(limits, type);
    const frames = named.map(([, preset]) => largestFrame(preset, limits, type));
    const base = restBytes + limits.maxBytes;
    const frameBytes = channels * frames.reduce((sum, frame) => sum + frame, 0);
    // An AVIF with premultiplied colours is decoded whole before it is reduced.
    const decoded = type === 'avif' ? pixels : Math.min(pixels, Math.max(...frames) * decodedShrink);
    const reading = base + Math.max(readingBytes(limits, type, decoded), channels * decoded + frameBytes);
    const made = named.flatMap(([name, preset], index) => {
      const others = named.filter((_, place) => place !== index);
      const before = waitingFile * others.reduce((sum, [, other]) => sum + largestVariant(other, pixels), 0);
      const canvas = largestVariant(preset, pixels);
      const stills = encodersOf(preset, type).map((encode) => {
        const encoded = Math.min(canvas, encode.most);
        return {
          bytes:
            base +
            frameBytes +
            before +
            canvas * channels * layers(preset) +
            encoded * encodingBytes(encode, encode.isOpaque ? 3 : channels),
          type,
          pixels,
          preset: { name, pixels: encoded, format: encode.format, moving: false },
        };
      });
      return keepsAnimation(preset, type)
        ? [...stills, moving(name, preset, { base, limits, type, others })]
        : stills;
    });
    return [{ bytes: reading, type, pixels }, ...made];
  });
}

/** The worker's memory with all jobs in flight: originals, and the variants of two images. */
export function workerBytes({
  presets,
  limits,
  inputs,
  process,
}: Rendering & { process: { jobsInFlight: number } }): number {
  const answers = acceptedInputs(inputs).map((type) =>
    Object.values(presets).reduce((sum, preset) => {
      const still = largestVariant(preset, imagePixels(limits, type)) * formatsOf(preset, type).length;
      const animated = keepsAnimation(preset, type) ? limits.maxFramePixels : 0;
      return sum + waitingFile * Math.max(still, animated);
    }, 0),
  );
  // Images are decoded one by one, and a large one takes seconds, while the previous one is stored.
  return 100 * MiB + process.jobsInFlight * limits.maxBytes + 2 * Math.max(...answers);
}

/** The most pixels that a type may have. */
export function imagePixels(limits: Limits, type: InputType): number {
  return type === 'jpeg' ? limits.maxPixelsJpeg : limits.maxPixels;
}

/** The whole image at the size of a preset, before the crop. */
function largestFrame(preset: Preset, limits: Limits, type: InputType): number {
  const pixels = imagePixels(limits, type);
  const { fit, enlarge, width = 0, height = 0 } = preset;
  if (fit === 'cover') return Math.min(pixels, Math.max(width, height) * limits.maxSide);
  return enlarge ? largestVariant(preset, pixels) : Math.min(pixels, largestVariant(preset, pixels));
}

function readingBytes(limits: Limits, type: InputType, decoded: number): number {
  const { held, row, sample } = readings[type];
  const pixels = imagePixels(limits, type);
  return Math.max(held * pixels, row * Math.min(limits.maxSide, pixels)) + sample * decoded;
}

interface Encode {
  format: VariantFormat;
  encoder: Encoder;
  fine: boolean;
  /** Pixels at most. */
  most: number;
  isOpaque: boolean;
}

/** The encoders that a preset can run. */
function encodersOf(preset: Preset, type: InputType): Encode[] {
  return formatsOf(preset, type).flatMap((choice) =>
    possibleFormats(choice).flatMap((format) => {
      // Of a picture with transparent pixels, `modern` is WebP.
      const isOpaque = choice === 'modern' && format === 'avif';
      const encoder: Encoder = format === 'jpeg' && preset.effort.jpeg > 0 ? 'trellis' : format;
      const fine = isFine(encoder, preset);
      const one = { format, encoder, fine, most: Number.POSITIVE_INFINITY, isOpaque };
      if (isOpaque) return [{ ...one, most: mostFinePixels }];
      if (!isTarget(preset.quality))
        return format === 'webp' && choice === 'modern' ? [one, lossless(one)] : [one];
      if (format === 'jpeg')
        return [
          { ...one, most: mostFinePixels },
          { ...one, fine: false },
        ];
      return format === 'webp' ? [one, sharpYuv(one), lossless(one)] : [one];
    }),
  );
}

function sharpYuv(webp: Encode): Encode {
  return { ...webp, encoder: 'sharpYuv', most: mostFinePixels };
}

function lossless(webp: Encode): Encode {
  return { ...webp, encoder: 'lossless' };
}

function encodingBytes({ encoder, fine }: Encode, channels: 3 | 4): number {
  const { opaque, alpha } = encodings[encoder][fine ? 'fine' : 'coarse'];
  return channels === 3 ? opaque : alpha;
}

function isFine(encoder: Encoder, { quality, effort }: Preset): boolean {
  if (encoder === 'png' || encoder === 'sharpYuv' || encoder === 'lossless') return false;
  if (encoder === 'avif' && effort.avif >= thoroughAvif) return true;
  const format = encoder === 'trellis' ? 'jpeg' : encoder;
  return mostNumber(quality, format) >= fineQuality[format];
}

/** Rasters of the variant's size, as if each step's input lived until the last step; the pipeline frees it earlier. */
function layers({ fit, sharpen, watermarks }: Preset): number {
  const steps = [fit === 'cover', fit === 'contain', sharpen > 0, watermarks.length > 0];
  return steps.filter((step) => step).length;
}

interface Surroundings {
  base: number;
  limits: Limits;
  type: InputType;
  others: readonly [string, Preset][];
}

/** All frames exist twice, as read and as written, plus one in progress. */
function moving(name: string, preset: Preset, { base, limits, type, others }: Surroundings): MemoryNeed {
  const { channels } = readings[type];
  const pixels = limits.maxFramePixels;
  const one = Math.min(largestVariant(preset, imagePixels(limits, type)), pixels / 2);
  const waiting = others.reduce(
    (sum, [, other]) => sum + (keepsAnimation(other, type) ? animatedShare(preset, other) : 0),
    0,
  );
  const perPixel =
    mostNumber(preset.quality, 'webp') < movingEncoding.fineQuality
      ? movingEncoding.coarse
      : movingEncoding.fine;
  const turning = channels * (pixels / 2 + one * (1 + layers(preset)));
  const lossless = isTarget(preset.quality) ? movingLossless * Math.min(pixels, mostFineFramePixels) : 0;
  const encoder = Math.max(perPixel * pixels, lossless) + channels * one;
  return {
    bytes: base + pixels * (2 * channels + waitingFile * waiting) + Math.max(turning, encoder),
    type,
    pixels,
    preset: { name, pixels, format: 'webp', moving: true },
  };
}

/** Pixels of another preset's animation per pixel of this one: presets that differ only in size share small ones. */
function animatedShare(preset: Preset, other: Preset): number {
  if (!isAlike(preset, other)) return 1;
  const share = ordinaryPixels(other) / ordinaryPixels(preset);
  return share < 1 ? share : 0;
}

/** Whether two presets differ only in size: they render small images alike. */
export function isAlike(one: Preset, other: Preset): boolean {
  const rest = ({ width, height, ...others }: Preset) => JSON.stringify(others);
  return rest(one) === rest(other);
}

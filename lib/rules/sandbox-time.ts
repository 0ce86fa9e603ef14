import { mostVariantPixels, ordinaryPixels } from '../../lambda/domain/box.ts';
import {
  formatsOf,
  keepsAnimation,
  mostFineFramePixels,
  mostFinePixels,
} from '../../lambda/domain/formats.ts';
import type { FormatChoice, VariantFormat } from '../../lambda/domain/image.ts';
import { acceptedInputs, type InputType } from '../../lambda/domain/inputs.ts';
import type { Preset } from '../../lambda/domain/preset.ts';
import { isTarget, mostNumber } from '../../lambda/domain/quality.ts';
import type { Limits } from '../../lambda/domain/settings.ts';
import { coreMb } from './measured.ts';
import { imagePixels, isAlike, type Rendering } from './sandbox-memory.ts';

/*
 * The time of one image, by limits and presets. Rates are seconds of CPU per megapixel on a full core (1769 MB of
 * Lambda), for the slowest of four kinds of noise with alpha; photographs take a third, so no allowance is needed. Not
 * counted: strips, whose variants are longer than common shapes, and files made to be slow; the time limit ends them.
 */
const reading = 0.06;
const rates = {
  webp: [0.15, 0.25, 0.26, 0.33, 0.5, 0.7, 0.7],
  jpeg: [0.03, 0.5],
  png: [0.05, 0.1, 0.1, 0.12, 0.15, 0.2, 0.2, 0.4, 1.4, 2.8],
  avif: [0.7, 1.2, 1.2, 2.3, 11, 20, 35, 55, 63, 170],
} as const;
const fineTrellis = 1.2; // JPEG with trellis quantisation, quality 90 and above
/** WebP without loss, effort 2. */
const losslessRate = 0.5;
/** Of graphics for a score, with sharp YUV and effort 0 to 2: both together took 0.97 to 1.11 for blocks of noise with alpha. */
const fineWebpRate = 0.6;
const sharpening = 0.2;
/** Animated WebP, effort 2 (the maximum): 173 frames of 480 × 480 noise took 4.7 s; noisy alpha adds half of that. */
const movingRate = 0.12;
/** Of graphics for a score: 0.42 with sharp YUV and 0.59 without loss, for 40 frames of 480 × 480 with alpha. */
const movingGraphicRate = 1.01;

/** CPU seconds for an image of a type; `preset` takes the most of them. */
export interface TimeNeed {
  seconds: number;
  type: InputType;
  preset: { name: string; seconds: number };
}

/** The most expensive image of each accepted type, in all presets. */
export function timeNeeds({ presets, limits, inputs }: Rendering): TimeNeed[] {
  const named = Object.entries(presets);
  return acceptedInputs(inputs).map((type) => {
    const pixels = imagePixels(limits, type);
    const still = named.map(([name, preset]) => ({ name, seconds: stillSeconds(preset, type, pixels) }));
    const moving = named.map(([name, preset], index) => ({
      name,
      seconds: isRepeated(named, index, type) ? 0 : movingSeconds(preset, limits),
    }));
    const needs = [need(type, reading * pixels, still), need(type, reading * limits.maxFramePixels, moving)];
    return needs.sort((a, b) => b.seconds - a.seconds)[0] as TimeNeed;
  });
}

/** CPU seconds of one decode in a function of this memory. */
export function decodeSeconds({ decodeTimeoutMs }: Limits, memoryMb: number): number {
  return (decodeTimeoutMs / 1000) * Math.min(1, memoryMb / coreMb);
}

function need(type: InputType, readingPixels: number, presets: TimeNeed['preset'][]): TimeNeed {
  const preset = presets.reduce((most, one) => (one.seconds > most.seconds ? one : most));
  const seconds = presets.reduce((sum, one) => sum + one.seconds, readingPixels / 1e6);
  return { seconds, type, preset };
}

function stillSeconds(preset: Preset, type: InputType, imagePixels: number): number {
  const { enlarge, fit, sharpen } = preset;
  const most = Math.min(ordinaryPixels(preset), mostVariantPixels(preset));
  const pixels = enlarge || fit === 'contain' ? most : Math.min(most, imagePixels);
  const perMegapixel = sharpen > 0 ? sharpening : 0;
  return formatsOf(preset, type).reduce(
    (sum, choice) => sum + choiceSeconds(choice, preset, pixels / 1e6),
    (perMegapixel * pixels) / 1e6,
  );
}

/**
 * Of `modern`, AVIF up to its largest size, else WebP; WebP without loss, which graphics are tried for, as in WebP for a
 * score; and a JPEG to compare with.
 */
function choiceSeconds(choice: FormatChoice, preset: Preset, megapixels: number): number {
  const lossless = losslessRate * megapixels;
  if (choice !== 'modern') {
    const seconds = rate(choice, preset) * megapixels;
    if (choice !== 'webp' || !isTarget(preset.quality)) return seconds;
    return Math.max(seconds, fineWebpRate * Math.min(megapixels, mostFinePixels / 1e6)) + lossless;
  }
  const avif = rate('avif', preset) * Math.min(megapixels, mostFinePixels / 1e6);
  const webp = rate('webp', preset) * megapixels;
  return Math.max(avif, webp) + lossless + rate('jpeg', preset) * megapixels;
}

function rate(format: VariantFormat, { effort, quality }: Preset): number {
  if (format === 'jpeg' && effort.jpeg > 0 && mostNumber(quality, 'jpeg') >= 90) return fineTrellis;
  return rates[format][effort[format]] ?? 0;
}

function movingSeconds(preset: Preset, { maxFramePixels, maxPages }: Limits): number {
  const pixels = Math.min(maxFramePixels, maxPages * ordinaryPixels(preset));
  const graphic = isTarget(preset.quality) ? movingGraphicRate * Math.min(pixels, mostFineFramePixels) : 0;
  const sharpened = preset.sharpen > 0 ? sharpening * pixels : 0;
  return (Math.max(movingRate * pixels, graphic) + sharpened) / 1e6;
}

/** An animation that several presets keep at its own size is encoded once for all of them. */
function isRepeated(named: readonly [string, Preset][], index: number, type: InputType): boolean {
  const [, preset] = named[index] as [string, Preset];
  if (!keepsAnimation(preset, type)) return true;
  return named.slice(0, index).some(([, before]) => isAlike(before, preset));
}

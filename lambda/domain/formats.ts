import type { FormatChoice, VariantFormat } from './image.ts';
import type { InputType } from './inputs.ts';
import type { Preset } from './preset.ts';
import { isTarget } from './quality.ts';

/** The format for `original`. GIF becomes WebP (also animated); TIFF becomes PNG (also lossless). */
const nearest: Record<InputType, VariantFormat> = {
  jpeg: 'jpeg',
  png: 'png',
  webp: 'webp',
  gif: 'webp',
  tiff: 'png',
  avif: 'avif',
};

/** Formats that a preset makes of this type, without duplicates, in the preset's order. */
export function formatsOf({ formats }: Pick<Preset, 'formats'>, type: InputType): FormatChoice[] {
  return [...new Set(formats.map((format) => (format === 'original' ? nearest[type] : format)))];
}

/** The formats of which `modern` is one, best first. */
export const modernFormats = ['avif', 'webp'] as const satisfies readonly VariantFormat[];

/**
 * The formats of a preset beside which `modern` may be missing, because one of them is smaller and no worse: a PNG, which
 * loses nothing, and for a score a JPEG, which has the same. Encoders' numbers promise no equal score.
 */
export function olderFormats({ formats, quality }: Pick<Preset, 'formats' | 'quality'>): ('jpeg' | 'png')[] {
  return (['jpeg', 'png'] as const).filter(
    (format) => formats.includes(format) && (format === 'png' || isTarget(quality)),
  );
}

/**
 * What takes most memory a pixel is for pictures of up to a screen of 3840 × 2160: AVIF as `modern`, 48 bytes, and a JPEG
 * for a score in 4:4:4 or above 89, 17 bytes. Strips have up to 16.8 megapixels, and configured sides up to 8192.
 */
export const mostFinePixels = 8_400_000;

/**
 * The most pixels of all frames of an animation that are encoded like graphics: 21 bytes and 1 µs a pixel, which is less
 * than the largest animations take without.
 */
export const mostFineFramePixels = 4_200_000;

/** What a choice can become. */
export function possibleFormats(choice: FormatChoice): readonly VariantFormat[] {
  return choice === 'modern' ? modernFormats : [choice];
}

/** Types that can be animated. An APNG and a multi-page TIFF count as one image. */
export function canMove(type: InputType): boolean {
  return type === 'gif' || type === 'webp';
}

/** Whether an animated WebP can be one of a preset's variants. */
export function holdsAnimation(formats: readonly FormatChoice[]): boolean {
  return formats.some((format) => possibleFormats(format).includes('webp'));
}

/** Whether a preset makes an animated WebP of an animation. */
export function keepsAnimation(preset: Pick<Preset, 'animation' | 'formats'>, type: InputType): boolean {
  return canMove(type) && preset.animation === 'keep' && holdsAnimation(formatsOf(preset, type));
}

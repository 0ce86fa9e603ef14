import type { VariantFormat } from './image.ts';
import type { InputType } from './inputs.ts';
import type { Preset } from './preset.ts';

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
export function formatsOf({ formats }: Pick<Preset, 'formats'>, type: InputType): VariantFormat[] {
  return [...new Set(formats.map((format) => (format === 'original' ? nearest[type] : format)))];
}

/** Types that can be animated. An APNG and a multi-page TIFF count as one image. */
export function canMove(type: InputType): boolean {
  return type === 'gif' || type === 'webp';
}

/** Whether a preset makes an animated WebP of an animation. */
export function keepsAnimation(preset: Pick<Preset, 'animation' | 'formats'>, type: InputType): boolean {
  return canMove(type) && preset.animation === 'keep' && formatsOf(preset, type).includes('webp');
}

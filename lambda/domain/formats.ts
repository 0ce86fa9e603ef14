import type { VariantFormat } from './image.ts';
import type { InputType } from './inputs.ts';
import type { Preset } from './preset.ts';

/** What `original` means for an upload. GIF becomes WebP, which animates too; TIFF becomes PNG, which loses nothing either. */
const nearest: Record<InputType, VariantFormat> = {
  jpeg: 'jpeg',
  png: 'png',
  webp: 'webp',
  gif: 'webp',
  tiff: 'png',
  avif: 'avif',
};

/** The formats that a preset makes of an upload of this type, each once, in the preset's order. */
export function formatsOf({ formats }: Pick<Preset, 'formats'>, type: InputType): VariantFormat[] {
  return [...new Set(formats.map((format) => (format === 'original' ? nearest[type] : format)))];
}

/** Types of upload that can move. An APNG and the pages of a TIFF count as one picture. */
export function canMove(type: InputType): boolean {
  return type === 'gif' || type === 'webp';
}

/** Whether a preset makes an animated WebP of an animation. */
export function keepsAnimation(preset: Pick<Preset, 'animation' | 'formats'>, type: InputType): boolean {
  return canMove(type) && preset.animation === 'keep' && formatsOf(preset, type).includes('webp');
}

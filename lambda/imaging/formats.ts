import type { VariantFormat } from '../domain/image.ts';
import type { Preset } from '../domain/preset.ts';
import type { Decodable } from './inspect/file-type.ts';

/** What `original` means for an upload. GIF becomes WebP, which animates too; TIFF becomes PNG, which loses nothing either. */
const nearest: Record<Decodable, VariantFormat> = {
  jpeg: 'jpeg',
  png: 'png',
  webp: 'webp',
  gif: 'webp',
  tiff: 'png',
  avif: 'avif',
};

/** The formats that a preset makes of an upload of this type, each once, in the preset's order. */
export function formatsOf({ formats }: Pick<Preset, 'formats'>, type: Decodable): VariantFormat[] {
  return [...new Set(formats.map((format) => (format === 'original' ? nearest[type] : format)))];
}

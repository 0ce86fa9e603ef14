import { createHash } from 'node:crypto';
import { contentTypeOf, type Original, type Placeholder, type VariantFormat } from '../domain/image.ts';
import type { Size } from './raster.ts';

/** One encoded variant: width and height in pixels, sha256 of the bytes in hex. */
export interface DecodedVariant {
  preset: string;
  format: VariantFormat;
  contentType: string;
  width: number;
  height: number;
  /** 1, or more where it is animated. */
  frames: number;
  bytes: Buffer;
  sha256: string;
}

/** What a decode gives: the original as its bytes say it is, and its variants in the order of the presets. */
export interface Decoded {
  original: Original;
  placeholder: Placeholder;
  variants: DecodedVariant[];
}

/** An encoded picture with all that is told of it. */
export function variantOf(
  { preset, format, frames }: Pick<DecodedVariant, 'preset' | 'format' | 'frames'>,
  { width, height }: Size,
  bytes: Buffer,
): DecodedVariant {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { preset, format, contentType: contentTypeOf[format], width, height, frames, bytes, sha256 };
}

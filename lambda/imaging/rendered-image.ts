import { contentTypeOf, type Original, type Placeholder, type Variant } from '../domain/image.ts';
import type { Size } from './raster.ts';

/** One encoded variant: a recorded one without its place in the bucket, and its bytes themselves. */
export interface EncodedVariant extends Omit<Variant, 'bytes' | 'sha256' | 'key'> {
  bytes: Buffer;
}

/** The output of the pipeline: the original as its bytes describe it, and the variants in the order of the presets. */
export interface EncodedImage {
  original: Original;
  placeholder: Placeholder;
  variants: EncodedVariant[];
}

/** A variant from the sandbox, with the SHA-256 of its bytes in hex, computed by the worker. */
export interface RenderedVariant extends EncodedVariant {
  sha256: string;
}

/** An image rendered by the sandbox and checked by the worker. */
export interface RenderedImage extends EncodedImage {
  variants: RenderedVariant[];
}

/** An encoded variant with its properties. */
export function variantOf(
  { preset, format, frames }: Pick<EncodedVariant, 'preset' | 'format' | 'frames'>,
  { width, height }: Size,
  bytes: Buffer,
): EncodedVariant {
  return { preset, format, contentType: contentTypeOf(format), width, height, frames, bytes };
}

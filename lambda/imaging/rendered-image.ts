import { contentTypeOf, type Original, type Placeholder, type VariantFormat } from '../domain/image.ts';
import type { Size } from './raster.ts';

/** One encoded variant: width and height in pixels. */
export interface EncodedVariant {
  preset: string;
  format: VariantFormat;
  contentType: string;
  width: number;
  height: number;
  /** 1, or more where it is animated. */
  frames: number;
  bytes: Buffer;
}

/** What the pipeline makes: the original as its bytes say it is, and its variants in the order of the presets. */
export interface EncodedImage {
  original: Original;
  placeholder: Placeholder;
  variants: EncodedVariant[];
}

/** A variant that came out of the sandbox's process; the worker itself took the sha256 of the bytes, in hex. */
export interface RenderedVariant extends EncodedVariant {
  sha256: string;
}

/** What a decode gives to the worker. */
export interface RenderedImage extends EncodedImage {
  variants: RenderedVariant[];
}

/** An encoded picture with all that is told of it. */
export function variantOf(
  { preset, format, frames }: Pick<EncodedVariant, 'preset' | 'format' | 'frames'>,
  { width, height }: Size,
  bytes: Buffer,
): EncodedVariant {
  return { preset, format, contentType: contentTypeOf[format], width, height, frames, bytes };
}

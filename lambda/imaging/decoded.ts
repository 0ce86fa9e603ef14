import type { Original, VariantFormat } from '../domain/image.ts';

/** One encoded variant: width and height in pixels, sha256 of the bytes in hex. */
export interface DecodedVariant {
  preset: string;
  format: VariantFormat;
  contentType: string;
  width: number;
  height: number;
  bytes: Buffer;
  sha256: string;
}

/** What a decode gives: the original as its bytes say it is, and its variants in the order of the presets. */
export interface Decoded {
  original: Original;
  variants: DecodedVariant[];
}

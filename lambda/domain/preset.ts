import type { Gravity, Strategy } from './gravity.ts';
import type { VariantFormat } from './image.ts';

/**
 * How an image meets the box of a preset: `inside` keeps all of it, `cover` fills the box and crops, `contain` keeps
 * all of it and fills the rest of the box with the background, `fill` distorts.
 */
export const fits = ['inside', 'cover', 'contain', 'fill'] as const;
export type Fit = (typeof fits)[number];

/** `original` is the format of the upload; what is not encoded becomes the nearest one (see `formatsOf`). */
export const presetFormats = ['webp', 'jpeg', 'png', 'avif', 'original'] as const;
export type PresetFormat = (typeof presetFormats)[number];

/** `keep` gives an animated WebP of an animation; all other formats show its first frame. */
export const animations = ['keep', 'first'] as const;
export type Animation = (typeof animations)[number];

/** What of an upload's metadata a preset may keep: read, and written anew. */
export const credits = ['copyright', 'creator', 'credit'] as const;
export type Credit = (typeof credits)[number];

/** A named recipe for variants. Width and height in pixels; at least one of them is given. */
export interface Preset {
  width?: number | undefined;
  height?: number | undefined;
  fit: Fit;
  /** Which part `cover` keeps, and where in the box `contain` lays the image (places only). */
  gravity: Gravity | Strategy;
  /** `#rrggbb` or `transparent`: what `contain` fills the box with, and what JPEG shows through (white for `transparent`). */
  background: string;
  /** Whether an image smaller than the box is enlarged. */
  enlarge: boolean;
  formats: PresetFormat[];
  /** 1-100, the encoder's own scale. PNG has none: it loses nothing. */
  quality: Record<Exclude<VariantFormat, 'png'>, number>;
  /** Time for bytes: WebP 0-6, JPEG 0-1 (1: trellis quantisation, progressive), PNG 0-9 (zlib), AVIF 0-9. */
  effort: Record<VariantFormat, number>;
  /** Sigma of an unsharp mask after the resize, in pixels; 0 is none. */
  sharpen: number;
  animation: Animation;
  metadata: Credit[];
  /** Names of watermarks, drawn in this order. */
  watermarks: string[];
}

import type { Gravity, Strategy } from './gravity.ts';
import type { VariantFormat } from './image.ts';
import type { Quality } from './quality.ts';

/** How an image fits the box: `inside` shrinks it, `cover` crops, `contain` pads with background, `fill` distorts. */
export const fits = ['inside', 'cover', 'contain', 'fill'] as const;
export type Fit = (typeof fits)[number];

/**
 * `modern` is AVIF or WebP, which browsers since January 2024 show (AVIF came to Edge last, in 121; WebP is in all since
 * Safari 14 of September 2020): AVIF of a photograph, WebP of flat graphics and animations.
 * `original` is the format of the upload, or the nearest one that can be encoded (see `formatsOf`).
 */
export const presetFormats = ['modern', 'webp', 'jpeg', 'png', 'avif', 'original'] as const;
export type PresetFormat = (typeof presetFormats)[number];

/** `keep` makes an animated WebP of an animation; all other formats show its first frame. */
export const animations = ['keep', 'first'] as const;
export type Animation = (typeof animations)[number];

/** Metadata of an upload that a preset may keep; it is parsed and rewritten. */
export const credits = ['copyright', 'creator', 'credit'] as const;
export type Credit = (typeof credits)[number];

/** Images of which all presets are `bulk` are refused first and admitted last. */
export const priorities = ['normal', 'bulk'] as const;
export type Priority = (typeof priorities)[number];

/** A named recipe for variants. Width and height in pixels; at least one is given. */
export interface Preset {
  width?: number | undefined;
  height?: number | undefined;
  fit: Fit;
  /** The part that `cover` keeps, and the position of the image under `contain` (places only). */
  gravity: Gravity | Strategy;
  /** `#rrggbb` or `transparent`: pads for `contain` and replaces alpha in JPEG (white for `transparent`). */
  background: string;
  /** Whether smaller images are enlarged to the box. */
  enlarge: boolean;
  formats: PresetFormat[];
  quality: Quality;
  /** Trades time for bytes: WebP 0-6, JPEG 0-1 (1: trellis quantisation, progressive), PNG 0-9 (zlib), AVIF 0-9. */
  effort: Record<VariantFormat, number>;
  /** Sigma of an unsharp mask after the resize, in pixels; 0 is none. */
  sharpen: number;
  animation: Animation;
  metadata: Credit[];
  /** Names of watermarks, drawn in this order. */
  watermarks: string[];
  /** Of admission; no part of the recipe. Default: `normal`. */
  priority?: Priority | undefined;
}

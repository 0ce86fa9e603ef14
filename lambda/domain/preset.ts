import type { VariantFormat } from './image.ts';

/** Nine places on an image, as on a compass. */
export const gravities = [
  'northwest',
  'north',
  'northeast',
  'west',
  'center',
  'east',
  'southwest',
  'south',
  'southeast',
] as const;
export type Gravity = (typeof gravities)[number];

/** How an image meets the box of a preset: `inside` keeps all of it, `cover` fills the box and crops, `fill` distorts. */
export const fits = ['inside', 'cover', 'fill'] as const;
export type Fit = (typeof fits)[number];

interface WatermarkPlacement {
  gravity: Gravity;
  /** Width of the mark relative to the width of the variant, 0-1. */
  scale: number;
  /** Distance from the edges relative to the shorter side of the variant, 0-0.5. */
  margin: number;
  /** 0 (unseen) to 1. */
  opacity: number;
  /** Repeat the mark over the whole variant. */
  tile: boolean;
}
/** `path` is relative to the project's root in the configuration, and to the function's folder in its settings. */
export interface ImageWatermark extends WatermarkPlacement {
  type: 'image';
  path: string;
}
export interface TextWatermark extends WatermarkPlacement {
  type: 'text';
  text: string;
  /** CSS hex colour, `#rrggbb`. */
  color: string;
}
export type Watermark = ImageWatermark | TextWatermark;

/** A named recipe for variants. Width and height in pixels; at least one of them is given. Never enlarges. */
export interface Preset {
  width?: number | undefined;
  height?: number | undefined;
  fit: Fit;
  formats: VariantFormat[];
  /** 1-100, the encoder's own scale, per format. */
  quality: Record<VariantFormat, number>;
  /** Names of watermarks, drawn in this order. */
  watermarks: string[];
}

import type { Gravity } from './gravity.ts';

/** What surrounds the letters of a text, so that it can be read on a bright sky and on a dark coat alike. */
export const edges = ['shadow', 'outline', 'none'] as const;
export type Edge = (typeof edges)[number];

interface WatermarkPlacement {
  gravity: Gravity;
  /** Width of the mark, before it is turned, relative to the width of the variant, 0-1. */
  scale: number;
  /** Distance from the edges relative to the shorter side of the variant, 0-0.5. */
  margin: number;
  /** 0 (unseen) to 1. */
  opacity: number;
  /** Degrees clockwise, -180 to 180. */
  rotation: number;
  /** Repeat the mark over the whole variant. */
  tile: boolean;
  /** Air between the copies of a tiled mark, beside and below, relative to the mark's own width. */
  spacing: number;
  /** Variants narrower than this many pixels get no mark. */
  minWidth: number;
}
/** `path` is relative to the project's root in the configuration, and to the function's folder in its settings. */
export interface ImageWatermark extends WatermarkPlacement {
  type: 'image';
  path: string;
}
export interface TextWatermark extends WatermarkPlacement {
  type: 'text';
  /** One line or several; `{tenant}` and `{year}` stand for those of the image. */
  text: string;
  /** CSS hex colour, `#rrggbb`. */
  color: string;
  edge: Edge;
}
export type Watermark = ImageWatermark | TextWatermark;

/** What the placeholders of a text stand for. */
export interface Inscription {
  tenant: string;
  /** In which the image was created, by UTC. */
  year: number;
}

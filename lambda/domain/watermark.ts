import type { Gravity } from './gravity.ts';

/** Contrast around the letters, for bright and dark backgrounds. */
export const edges = ['shadow', 'outline', 'none'] as const;
export type Edge = (typeof edges)[number];

interface WatermarkPlacement {
  gravity: Gravity;
  /** Width before rotation, relative to the width of the variant, 0-1. */
  scale: number;
  /** Distance from the edges, relative to the shorter side of the variant, 0-0.5. */
  margin: number;
  /** 0 (invisible) to 1. */
  opacity: number;
  /** Degrees clockwise, -180 to 180. */
  rotation: number;
  /** Repeat the mark over the whole variant. */
  tile: boolean;
  /** Gap between tiled copies in both directions, relative to the mark's width. */
  spacing: number;
  /** Narrower variants get no mark, in pixels. */
  minWidth: number;
}
/** `path` is relative to the project's root in the configuration, to the function's folder in its settings. */
export interface ImageWatermark extends WatermarkPlacement {
  type: 'image';
  path: string;
}
export interface TextWatermark extends WatermarkPlacement {
  type: 'text';
  /** One or more lines; `{tenant}` and `{year}` are replaced. */
  text: string;
  /** CSS hex colour, `#rrggbb`. */
  color: string;
  edge: Edge;
}
export type Watermark = ImageWatermark | TextWatermark;

/** Values of a text's placeholders. */
export interface Inscription {
  tenant: string;
  /** Year of creation, in UTC. */
  year: number;
}

import { boxOf, mostVariantPixels } from '../../domain/box.ts';
import type { Preset } from '../../domain/preset.ts';
import type { Size } from '../raster.ts';

/**
 * How a preset's pixels come about: the whole image at `frame`, then so much of it as `canvas` holds, and background
 * where the canvas is larger.
 */
export interface Geometry {
  frame: Size;
  canvas: Size;
  /**
   * What the whole image would be were it enlarged to cover the canvas. No more of it is made than the canvas shows: of
   * 1 × 16000 pixels that cover 200 × 200 it would be 200 × 3,200,000.
   */
  covering?: Size;
  /** `fill` distorts: nothing else can be derived from such a frame. */
  distorted: boolean;
}

/**
 * Where a preset leads from an image of this size. Without `enlarge` no image grows: a box that does not fit into it
 * shrinks with its own proportions (cover, fill), or keeps its size around the small image (contain).
 */
export function geometry(image: Size, preset: Preset): Geometry {
  const { fit, enlarge } = preset;
  const { width, height } = boxOf(preset);
  const bound = (scale: number) => (enlarge ? scale : Math.min(1, scale));
  const box = { width, height };
  if (fit === 'inside' || fit === 'contain') {
    // Bounds a strip in a box that is open at one side; a whole box bounds itself.
    const most = Math.sqrt(mostVariantPixels(preset) / (image.width * image.height));
    const frame = scaled(image, bound(Math.min(width / image.width, height / image.height, most)));
    return { frame, canvas: fit === 'contain' ? box : frame, distorted: false };
  }
  const canvas = enlarge ? box : scaled(box, Math.min(1, image.width / width, image.height / height));
  if (fit === 'fill') return { frame: canvas, canvas, distorted: true };
  const scale = Math.max(canvas.width / image.width, canvas.height / image.height);
  const least = scaled(image, scale);
  const covering = {
    width: Math.max(least.width, canvas.width),
    height: Math.max(least.height, canvas.height),
  };
  const { width: w, height: h } = image;
  return scale > 1
    ? { frame: { width: w, height: h }, canvas, covering, distorted: false }
    : { frame: covering, canvas, distorted: false };
}

/** A size by a factor, rounded, and at least one pixel a side. */
export function scaled({ width, height }: Size, scale: number): Size {
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

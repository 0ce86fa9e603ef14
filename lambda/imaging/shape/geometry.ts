import { boxOf, mostVariantPixels } from '../../domain/box.ts';
import type { Preset } from '../../domain/preset.ts';
import type { Size } from '../raster.ts';

/**
 * The sizes of a preset: the whole image at `frame`, the part of it that fits `canvas`, and background where the canvas is
 * larger.
 */
export interface Geometry {
  frame: Size;
  canvas: Size;
  /**
   * The size of the whole image enlarged to cover the canvas. Only what the canvas shows is made: 1 × 16000 pixels that
   * cover 200 × 200 would become 200 × 3,200,000.
   */
  covering?: Size;
  /** `fill` distorts: no other frame can be derived from such a one. */
  distorted: boolean;
}

/**
 * Applies a preset to an image size. Without `enlarge` no image grows: a larger box shrinks with its own proportions
 * (cover, fill), or keeps its size around the small image (contain).
 */
export function geometry(image: Size, preset: Preset): Geometry {
  const { fit, enlarge } = preset;
  const { width, height } = boxOf(preset);
  const bound = (scale: number) => (enlarge ? scale : Math.min(1, scale));
  const box = { width, height };
  if (fit === 'inside' || fit === 'contain') {
    // Bounds a long strip in a box with one open side; a box with two sides bounds itself.
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

/** A size times a factor, rounded, at least one pixel a side. */
export function scaled({ width, height }: Size, scale: number): Size {
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

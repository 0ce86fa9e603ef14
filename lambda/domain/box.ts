import type { Preset } from './preset.ts';

/** WebP ends at 16383 pixels a side: an image that is all length is made no longer than that. */
export const longestSide = 16_383;
/** The longest side that a preset may ask for. */
export const longestBoxSide = 8192;

/** Where a preset leaves a side open, a strip of any length would fit: it has this many pixels at the most, or … */
const stripPixels = 4096 ** 2;
/** … what a photograph in 2:3 has, upright in the side that is given. */
const stripShape = 1.5;

type Sides = Pick<Preset, 'width' | 'height'>;

/** What a preset's variants fit into, in pixels: a side that it leaves open ends where WebP does. */
export function boxOf({ width = longestSide, height = longestSide }: Sides): {
  width: number;
  height: number;
} {
  return { width, height };
}

/** Pixels of the largest variant that fits into a preset, whatever the image is. */
export function mostVariantPixels({ width, height }: Sides): number {
  const given = width ?? height ?? longestBoxSide;
  if (width !== undefined && height !== undefined) return width * height;
  return Math.min(given * longestSide, Math.max(stripPixels, stripShape * given ** 2));
}

/** The same for images of everyday shape, no strips. */
export function ordinaryPixels({ width, height }: Sides): number {
  const given = width ?? height ?? longestBoxSide;
  return width !== undefined && height !== undefined ? width * height : stripShape * given ** 2;
}

/**
 * Pixels of the largest variant that a preset makes of images of so many pixels. Without `enlarge` no variant has more
 * than its image, but for `contain`, which fills the box up.
 */
export function largestVariant(preset: Preset, imagePixels: number): number {
  const grows = preset.enlarge || preset.fit === 'contain';
  return grows ? mostVariantPixels(preset) : Math.min(mostVariantPixels(preset), imagePixels);
}

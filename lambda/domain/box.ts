import type { Preset } from './preset.ts';

/** WebP ends at 16383 pixels a side: an image that is all length is made no longer than that. */
export const longestSide = 16_383;

/** The longest side that a preset may ask for. */
export const longestBoxSide = 8192;

/** Pixels of the largest box that a preset may have, and of any variant. */
export const mostVariantPixels = longestBoxSide ** 2;

/** What a preset's variants fit into: a side that it leaves open ends where WebP does. */
export function boxOf({ width = longestSide, height = longestSide }: Pick<Preset, 'width' | 'height'>): {
  width: number;
  height: number;
} {
  return { width, height };
}

/**
 * Pixels of the largest variant that a preset makes of images of so many pixels. Without `enlarge` no variant has more
 * than its image, but for `contain`, which fills the box up.
 */
export function largestVariant(preset: Preset, imagePixels: number): number {
  const { width, height } = boxOf(preset);
  const grows = preset.enlarge || preset.fit === 'contain';
  return Math.min(width * height, mostVariantPixels, grows ? mostVariantPixels : imagePixels);
}

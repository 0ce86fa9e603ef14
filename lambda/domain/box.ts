import type { Preset } from './preset.ts';

/** Longest side in pixels that WebP can encode; strips are limited to it. */
export const longestSide = 16_383;
/** The longest side that a preset may ask for. */
export const longestBoxSide = 8192;

/** If a preset leaves one side open, a strip may have up to this many pixels, or … */
const stripPixels = 4096 ** 2;
/** … as many as an upright 2:3 photograph. */
const stripShape = 1.5;

type Sides = Pick<Preset, 'width' | 'height'>;

/** The box of a preset in pixels; an open side ends at WebP's limit. */
export function boxOf({ width = longestSide, height = longestSide }: Sides): {
  width: number;
  height: number;
} {
  return { width, height };
}

/** Pixels of the largest possible variant of a preset. */
export function mostVariantPixels({ width, height }: Sides): number {
  const given = width ?? height ?? longestBoxSide;
  if (width !== undefined && height !== undefined) return width * height;
  return Math.min(given * longestSide, Math.max(stripPixels, stripShape * given ** 2));
}

/** The same for images of ordinary shape. */
export function ordinaryPixels({ width, height }: Sides): number {
  const given = width ?? height ?? longestBoxSide;
  return width !== undefined && height !== undefined ? width * height : stripShape * given ** 2;
}

/** Pixels of a preset's largest variant of such an image. Only `enlarge` and `contain` can exceed the image. */
export function largestVariant(preset: Preset, imagePixels: number): number {
  const grows = preset.enlarge || preset.fit === 'contain';
  return grows ? mostVariantPixels(preset) : Math.min(mostVariantPixels(preset), imagePixels);
}

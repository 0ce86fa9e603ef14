import type { Watermark } from '../../domain/watermark.ts';
import { type Offset, offsetOf } from '../offset.ts';
import type { Size } from '../raster.ts';
import { direction, rotatedSize } from './rotate.ts';

/** A mark smaller than this many pixels a side is left out: it would be a smudge, not a mark. */
const smallestMark = 4;

/** Distance from the edges in pixels. Tiles are cut off at the edges and have none. */
function marginOf(variant: Size, mark: Watermark): number {
  return mark.tile ? 0 : Math.round(Math.min(variant.width, variant.height) * mark.margin);
}

/**
 * Size of a mark on a variant, in pixels, before rotation: its scale of the variant's width, less where the rotated mark
 * would reach into the margins; undefined where it is not wanted or would be illegible.
 * @param aspect width of the mark by its height
 */
export function markSize(variant: Size, mark: Watermark, aspect: number): Size | undefined {
  if (variant.width < mark.minWidth) return undefined;
  const margin = marginOf(variant, mark);
  const inner = { width: variant.width - 2 * margin, height: variant.height - 2 * margin };
  const { cos, sin } = direction(mark.rotation);
  const [across, down] = [Math.abs(cos) + Math.abs(sin) / aspect, Math.abs(sin) + Math.abs(cos) / aspect];
  const most = Math.min(variant.width * mark.scale, inner.width / across, inner.height / down);
  // Whole pixels may reach one further than the sum above.
  for (let width = Math.floor(most); width >= smallestMark; width--) {
    const size = { width, height: Math.round(width / aspect) };
    if (size.height < smallestMark) return undefined;
    const turned = rotatedSize(size, mark.rotation);
    if (turned.width <= inner.width && turned.height <= inner.height) return size;
  }
  return undefined;
}

/**
 * The offsets of a mark's copies on a variant: one by its gravity, or tiles, which may be partly outside.
 * @param size of the mark before rotation
 */
export function placeMark(variant: Size, mark: Watermark, size: Size): Offset[] {
  if (mark.tile) return placeTiles(variant, mark, size);
  const margin = marginOf(variant, mark);
  const turned = rotatedSize(size, mark.rotation);
  const inner = { width: variant.width - 2 * margin, height: variant.height - 2 * margin };
  const { left, top } = offsetOf(inner, turned, mark.gravity);
  return [{ left: left + margin, top: top + margin }];
}

/**
 * Rows from the middle outwards, every other one shifted by half a step. They follow the mark's rotation, so that the space
 * between copies is the same at every angle.
 */
function placeTiles(variant: Size, mark: Watermark, size: Size): Offset[] {
  const air = mark.spacing * size.width;
  const [stepX, stepY] = [size.width + air, size.height + air];
  const turned = rotatedSize(size, mark.rotation);
  const { cos, sin } = direction(mark.rotation);
  // From the middle to a corner, and to the middle of a copy that still touches it.
  const reach = (Math.hypot(variant.width, variant.height) + Math.hypot(turned.width, turned.height)) / 2;
  const [rows, columns] = [Math.ceil(reach / stepY), Math.ceil(reach / stepX + 0.5)];
  const places: Offset[] = [];
  for (let row = -rows; row <= rows; row++)
    for (let column = -columns; column <= columns; column++) {
      const x = (column + (row % 2 === 0 ? 0 : 0.5)) * stepX;
      const y = row * stepY;
      const left = Math.round((variant.width - turned.width) / 2 + x * cos - y * sin);
      const top = Math.round((variant.height - turned.height) / 2 + x * sin + y * cos);
      const outside = left >= variant.width || left + turned.width <= 0;
      const beyond = top >= variant.height || top + turned.height <= 0;
      if (!outside && !beyond) places.push({ left, top });
    }
  return places;
}

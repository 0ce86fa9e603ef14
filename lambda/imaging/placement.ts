import type { Gravity, Watermark } from '../domain/preset.ts';
import type { Size } from './raster.ts';

/** A mark smaller than this many pixels a side is left out: it would be a smudge, not a mark. */
const smallestMark = 4;

/** Distance from the edges in pixels. */
function marginOf(variant: Size, mark: Watermark): number {
  return Math.round(Math.min(variant.width, variant.height) * mark.margin);
}

/**
 * Width that a mark gets on a variant, in pixels: its scale of the variant's width, less where the variant is too
 * low for it; undefined where nothing legible would be left.
 * @param aspect width of the mark by its height
 */
export function markWidth(variant: Size, mark: Watermark, aspect: number): number | undefined {
  const margin = marginOf(variant, mark);
  const width = Math.floor(
    Math.min(variant.width * mark.scale, variant.width - 2 * margin, (variant.height - 2 * margin) * aspect),
  );
  return width < smallestMark || width / aspect < smallestMark ? undefined : width;
}

/** Where a mark of this size goes on a variant: the left and top of each copy, which may lie partly outside. */
export function placeMark(variant: Size, mark: Watermark, size: Size): { left: number; top: number }[] {
  if (mark.tile) return placeTiles(variant, size);
  const margin = marginOf(variant, mark);
  const place = ([before, after]: [RegExp, RegExp], whole: number, part: number) => {
    if (before.test(mark.gravity)) return margin;
    return after.test(mark.gravity) ? whole - part - margin : Math.floor((whole - part) / 2);
  };
  return [
    {
      left: place([has('west'), has('east')], variant.width, size.width),
      top: place([has('north'), has('south')], variant.height, size.height),
    },
  ];
}

/** Rows from the middle outwards, half a mark of air beside and a whole one below, every other row shifted by half. */
function placeTiles(variant: Size, size: Size): { left: number; top: number }[] {
  const stepX = Math.ceil(size.width * 1.5);
  const stepY = size.height * 2;
  const rows = Math.ceil(variant.height / 2 / stepY) + 1;
  const columns = Math.ceil(variant.width / 2 / stepX) + 1;
  const places = [];
  for (let row = -rows; row <= rows; row++) {
    const shift = row % 2 === 0 ? 0 : Math.floor(stepX / 2);
    for (let column = -columns; column <= columns; column++) {
      const left = Math.floor((variant.width - size.width) / 2) + column * stepX + shift;
      const top = Math.floor((variant.height - size.height) / 2) + row * stepY;
      if (left < variant.width && top < variant.height && left + size.width > 0 && top + size.height > 0)
        places.push({ left, top });
    }
  }
  return places;
}

function has(side: 'north' | 'south' | 'east' | 'west'): RegExp {
  return new RegExp(side satisfies Gravity);
}

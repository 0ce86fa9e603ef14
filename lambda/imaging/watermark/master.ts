import type { Raster, Size } from '../raster.ts';

/*
 * Marks are needed in many widths. Each is drawn once for a whole octave of them, at least at twice the size, and resized
 * to the width: 3 ms where drawing takes 30.
 */

/** A mark as drawn, before rotation; `bytes` is its size in memory. */
export interface Master {
  bytes: number;
  /** The mark at this size in pixels, with alpha. */
  at(size: Size): Promise<Raster>;
}

/** 2 megapixels, 8 MB of an image: above it a master is no larger than the mark. */
const maxPixels = 2_000_000;
/** Pango places letters on whole pixels: in a master this wide that is a fraction of a pixel in the mark. */
const minWidth = 512;

/**
 * Size of the master for a mark of this size: a power of two wide, at least twice the mark, as far as memory and the mark's
 * file allow.
 * @param own the mark's own size, in any unit
 * @param most width in pixels above which nothing is gained
 */
export function masterSize(size: Size, own: Size, most: number): Size {
  const aspect = own.width / own.height;
  const octave = Math.max(minWidth, 2 ** Math.ceil(Math.log2(size.width * 2)));
  const width = Math.min(octave, most, Math.max(size.width, Math.floor(Math.sqrt(maxPixels * aspect))));
  return { width, height: Math.max(1, Math.round(width / aspect)) };
}

import { Rejection } from '../../domain/failure.ts';
import { type GifImage, gifBlocks, gifLabel } from '../inspect/gif-blocks.ts';
import { countPixels } from '../inspect/gif-pixels.ts';
import type { Size } from '../raster.ts';

/**
 * Rejects a GIF that was cut off: libnsgif draws half a frame without a warning. Missing data after the last pixel is
 * accepted, as many files lack the trailer.
 * @param screen as libvips reads it
 * @param decoded frames that will be decoded: only their pixels are counted, and those of the last where it is cut off
 * @throws Rejection corrupt_image
 */
export function requireWholeGif(gif: Uint8Array, screen: Size, decoded: number): void {
  let frames = 0;
  let isAnnounced = false;
  for (const block of gifBlocks(gif)) {
    if (block.kind === 'image') {
      frames++;
      const needed = frames <= decoded || block.end > gif.length ? pixelsSeen(block, screen) : 0;
      if (countPixels(gif, block.data, needed) < needed) throw cutOff();
    }
    // A block cut within its head is a frame, or precedes one; a comment announces none.
    if (block.kind === 'cut' || (block.kind === 'extension' && block.label === gifLabel.control))
      isAnnounced = true;
    else if (block.kind !== 'extension') isAnnounced = false;
  }
  if (isAnnounced) throw cutOff();
}

/** Pixels of a frame up to the last one on the screen. */
function pixelsSeen({ left, top, width, height }: GifImage, screen: Size): number {
  const columns = Math.min(width, screen.width - left);
  const rows = Math.min(height, screen.height - top);
  return columns <= 0 || rows <= 0 ? 0 : width * (rows - 1) + columns;
}

function cutOff(): Rejection {
  return new Rejection('corrupt_image', 'The GIF ends before the image is complete.');
}

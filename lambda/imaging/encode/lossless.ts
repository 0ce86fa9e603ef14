import { isGraphic } from './look/graphic.ts';
import type { Look } from './look/look.ts';
import { losslessBytes } from './numbers.ts';

/** Bytes of a graphic are known to a factor of about 1.5 beforehand: with this margin half of the graphics are tried. */
const graphicMargin = 2.25;
/** And 0.2 to 2 for each pixel that differs from its neighbours: the prediction goes by luma, which text may share with its ground. */
const mostBytesAnUnlike = 2;
/**
 * What is nearly empty (a logo, a letter, a flag, a gradient) is beyond what the prediction knows: it is tried if at most so
 * many pixels differ from their neighbours for each byte with loss.
 */
const mostUnlike = 1.5;
/** Of all pixels. Photographs have 0.4 and more, so that none is tried, whatever its quality. */
const mostUnlikeShare = 0.02;

/** Whether a WebP that loses nothing may take no more bytes than these. */
export function maySaveLossless(look: Look, bytes: number): boolean {
  const pixels = 2 ** look.size * 1e6;
  const unlike = (1 - look.sameInBusy) * (1 - look.colourFlat) * pixels;
  if (unlike <= mostUnlike * bytes && unlike <= mostUnlikeShare * pixels) return true;
  const predicted = Math.min(losslessBytes(look), mostBytesAnUnlike * unlike);
  return isGraphic(look) && predicted <= graphicMargin * bytes;
}

import { type GifImage, gifBlocks, gifLabel } from '../inspect/gif-blocks.ts';
import type { Raster, Size } from '../raster.ts';
import { repainted, unusedColour } from './gif-background.ts';

/*
 * A GIF is a screen with frames placed on it. In browsers, uncovered areas and those of disposed frames are transparent.
 * libvips decodes without alpha where no frame has a transparent colour, and libnsgif fills the area of disposed opaque
 * frames with the background colour.
 */

/** A GIF that libvips draws correctly, except for pixels in a colour that means transparent: see `clearedOf`. */
export interface PreparedGif {
  file: Uint8Array;
  clear: Buffer | undefined;
}

interface Frame extends GifImage {
  disposal: number;
  transparent: boolean;
}

const disposal = { toBackground: 2, toPrevious: 3, toPreviousToo: 4 } as const;
const trailer = Buffer.from([0x3b]);

/**
 * A frame of one transparent pixel: control, position, two colours, and the codes clear, 0, end.
 */
const clearFrame = Buffer.from(
  ['21f9040100000000', '2c000000000100010080', '000000000000', '0202440100'].join(''),
  'hex',
);

/**
 * Prepares a GIF for decoding its first frames; returns the same file where it is drawn correctly.
 * - Where an area stays transparent but no colour of the file is, another frame after the last makes libvips use alpha. It
 *   is never decoded.
 * - Where libnsgif would paint the background, it becomes a colour that the file does not use.
 * @param screen as libvips reads it: some files declare another size than their frames have
 * @param decoded number of frames that will be decoded
 */
export function prepareGif(gif: Uint8Array, screen: Size, decoded: number): PreparedGif {
  const { frames, end, isWhole } = framesOf(gif);
  const seen = frames.slice(0, decoded);
  const [first] = seen;
  // A file cut off within a frame must not become complete by what is appended.
  if (first === undefined || !isWhole) return { file: gif, clear: undefined };
  const left = seen.filter((frame, index) => leavesTrace(frame, seen[index + 1], screen));
  const isPainted = left.some(({ transparent }) => !transparent);
  const isAlike = frames.some(({ transparent }) => transparent);
  const isClear =
    left.length > 0 || !covers(first, wholeOf(screen), screen) || (seen.length > 1 && goesBack(first));
  const tail = isClear && !isAlike ? [clearFrame, trailer] : [trailer];
  const clear = isPainted ? unusedColour(gif, frames) : undefined;
  if (clear !== undefined)
    return { file: Buffer.concat([repainted(gif, frames, end, clear), ...tail]), clear };
  return { file: tail.length > 1 ? Buffer.concat([gif.subarray(0, end), ...tail]) : gif, clear };
}

/** Makes pixels of this colour transparent, in place. */
export function clearedOf(raster: Raster, clear: Buffer | undefined): Raster {
  const { data, channels } = raster;
  if (clear === undefined || channels !== 4) return raster;
  const [red, green, blue] = clear;
  for (let at = 0; at < data.length; at += 4)
    if (data[at] === red && data[at + 1] === green && data[at + 2] === blue) data.writeUInt32LE(0, at);
  return raster;
}

function framesOf(gif: Uint8Array): { frames: Frame[]; end: number; isWhole: boolean } {
  const frames: Frame[] = [];
  let flags = 0;
  let end = gif.length;
  for (const block of gifBlocks(gif)) {
    if (block.kind === 'extension' && block.label === gifLabel.control) flags = gif[block.data + 1] ?? 0;
    else if (block.kind === 'image') {
      frames.push({ ...block, disposal: (flags >> 2) & 7, transparent: (flags & 1) > 0 });
      flags = 0;
    } else if (block.kind === 'trailer') return { frames, end: block.at, isWhole: true };
    else if (block.kind !== 'extension') return { frames, end, isWhole: false };
    if (block.end > gif.length) return { frames, end, isWhole: false };
    end = block.end;
  }
  return { frames, end, isWhole: true };
}

/** Whether a frame is disposed to the background and the next one does not cover all of its place permanently. */
function leavesTrace(frame: Frame, next: Frame | undefined, screen: Size): boolean {
  if (frame.disposal !== disposal.toBackground || next === undefined) return false;
  return next.transparent || goesBack(next) || !covers(next, frame, screen);
}

/** Whether a frame restores what was before it. Some writers use 4 for 3. */
function goesBack(frame: Frame): boolean {
  return frame.disposal === disposal.toPrevious || frame.disposal === disposal.toPreviousToo;
}

type Place = Pick<GifImage, 'left' | 'top' | 'width' | 'height'>;

function wholeOf(screen: Size): Place {
  return { left: 0, top: 0, ...screen };
}

function covers(upper: Place, lower: Place, screen: Size): boolean {
  const right = ({ left, width }: Place) => Math.min(screen.width, left + width);
  const bottom = ({ top, height }: Place) => Math.min(screen.height, top + height);
  return (
    upper.left <= lower.left &&
    upper.top <= lower.top &&
    right(upper) >= right(lower) &&
    bottom(upper) >= bottom(lower)
  );
}

import type { Size } from '../raster.ts';

/*
 * A GIF is a screen and frames that lie somewhere on it. What no frame has covered browsers leave clear; libvips
 * decodes without alpha where no frame of the file has a transparent colour, and there such a place is black.
 */
const screenHead = 13;
const extension = 0x21;
const control = 0xf9;
const image = 0x2c;
const trailer = 0x3b;

/** A frame of one clear pixel: its control with a transparent colour, its place, two colours, and the codes clear, 0, end. */
const clearFrame = ['21f9040100000000', '2c000000000100010080', '000000000000', '0202440100'];
const clearEnd = Buffer.from([...clearFrame, trailer.toString(16)].join(''), 'hex');

/**
 * The file with one more frame behind its last, from which libvips takes that it needs alpha, where the first frame
 * leaves a part of the screen uncovered and nothing in it is transparent; else the file itself. The frame is never decoded.
 * @param screen what libvips takes for it: some files call another size than that of their frames
 */
export function withClearScreen(gif: Uint8Array, screen: Size): Uint8Array {
  const file = Buffer.from(gif.buffer, gif.byteOffset, gif.byteLength);
  let at = screenHead + tableBytes(file[10] ?? 0);
  let uncovered = false;
  while (at < file.length) {
    if (file[at] === extension) {
      if (file[at + 1] === control && ((file[at + 3] ?? 0) & 1) === 1) return gif;
      at = behindBlocks(file, at + 2);
    } else if (file[at] === image && at + 10 <= file.length) {
      // Only the first frame counts: a later one finds what it does not cover clear, or drawn.
      if (!uncovered && covers(file, at, screen)) return gif;
      uncovered = true;
      at = behindBlocks(file, at + 11 + tableBytes(file[at + 9] ?? 0));
    } else break;
  }
  // One that is cut off within a frame must not become whole by what is put behind it.
  const isWhole = file[at] === trailer || at === file.length;
  return uncovered && isWhole ? Buffer.concat([file.subarray(0, at), clearEnd]) : gif;
}

function covers(file: Buffer, at: number, { width, height }: Size): boolean {
  const [left, top] = [file.readUInt16LE(at + 1), file.readUInt16LE(at + 3)];
  return left === 0 && top === 0 && file.readUInt16LE(at + 5) >= width && file.readUInt16LE(at + 7) >= height;
}

/** Of the table of colours that these flags announce: three bytes each, 2 to 256 of them. */
function tableBytes(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 << ((flags & 7) + 1);
}

/** Behind a chain of blocks, each with its length in front, that one of length 0 ends. */
function behindBlocks(file: Buffer, start: number): number {
  let at = start;
  while (at < file.length && file[at] !== 0) at += 1 + (file[at] as number);
  return at + 1;
}

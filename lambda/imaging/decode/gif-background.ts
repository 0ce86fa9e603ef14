import { type GifImage, tableBytes } from '../inspect/gif-blocks.ts';
import { PixelScope } from '../pixel-scope.ts';

const places = 256;
const screenHead = 13;

/** A colour in no table of the file: each has at most 256 of 16 million. */
export function unusedColour(gif: Uint8Array, frames: readonly GifImage[]): Buffer | undefined {
  using scope = new PixelScope();
  const used = scope.own(new Uint8Array(2 ** 24));
  const tables = frames.filter(({ table }) => table > 0).map(tableOf);
  for (const { start, bytes } of [globalTable(gif), ...tables])
    for (let at = start; at + 3 <= Math.min(gif.length, start + bytes); at += 3)
      used[((gif[at] as number) << 16) | ((gif[at + 1] as number) << 8) | (gif[at + 2] as number)] = 1;
  // A file without a table uses black and white.
  const free = used.indexOf(0, 1);
  return free < 0 || free > 0xfffffe ? undefined : Buffer.from([free >> 16, (free >> 8) & 255, free & 255]);
}

interface Table {
  start: number;
  bytes: number;
}

function globalTable(gif: Uint8Array): Table {
  return { start: screenHead, bytes: tableBytes(gif[10] ?? 0) };
}

function tableOf({ at, table }: GifImage): Table {
  return { start: at + 10, bytes: table };
}

/**
 * The file with this background colour, up to its end. The screen's table has no space for it, so each frame without a
 * table of its own gets the screen's colours.
 */
export function repainted(gif: Uint8Array, frames: readonly GifImage[], end: number, clear: Buffer): Buffer {
  const head = Buffer.from(gif.subarray(0, screenHead));
  const shared = globalTable(gif);
  // Two colours, the first being the background.
  [head[10], head[11]] = [0x80, 0];
  const parts: Uint8Array[] = [head, clear, clear];
  let from = screenHead + shared.bytes;
  for (const frame of frames) {
    const { start, bytes } = frame.table > 0 ? tableOf(frame) : shared;
    const colours = bytes > 0 ? gif.subarray(start, start + bytes) : Buffer.from('000000ffffff', 'hex');
    const table = Buffer.alloc(3 * places, clear);
    table.set(colours);
    const descriptor = Buffer.from(gif.subarray(frame.at, frame.at + 10));
    descriptor[9] = (descriptor[9] as number) | 0x87;
    parts.push(gif.subarray(from, frame.at), descriptor, table);
    from = frame.data;
  }
  return Buffer.concat([...parts, gif.subarray(from, end)]);
}

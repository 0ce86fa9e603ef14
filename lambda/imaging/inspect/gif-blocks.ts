const screenHead = 13;
const introducer = { extension: 0x21, image: 0x2c, trailer: 0x3b };
const descriptorLength = 10;

/** Labels of the extensions in use. */
export const gifLabel = { control: 0xf9, application: 0xff } as const;

/** An extension: its label, and where its data blocks start. */
export interface GifExtension {
  kind: 'extension';
  at: number;
  label: number;
  data: number;
  /** After the block of length 0 that ends it; beyond the file where that is missing. */
  end: number;
}

/** A frame: its position on the screen in pixels, its colour table, and where its compressed pixels start. */
export interface GifImage {
  kind: 'image';
  at: number;
  left: number;
  top: number;
  width: number;
  height: number;
  /** Bytes of its own colour table after the descriptor; 0 without one. */
  table: number;
  /** Position of the code size, which the data blocks follow. */
  data: number;
  end: number;
}

export type GifBlock = GifExtension | GifImage | { kind: 'trailer' | 'cut' | 'unknown'; at: number };

/**
 * The blocks of a GIF in order (GIF89a), without decoding. The last is the trailer, or `cut` where the file ends within the
 * head of a block, or `unknown`; a file that ends after a block has none of them.
 */
export function* gifBlocks(gif: Uint8Array): Generator<GifBlock> {
  const file = Buffer.from(gif.buffer, gif.byteOffset, gif.byteLength);
  for (let at = screenHead + tableBytes(file[10] ?? 0); at < file.length; ) {
    const block = blockAt(file, at);
    yield block;
    if (!('end' in block)) return;
    at = block.end;
  }
}

function blockAt(file: Buffer, at: number): GifBlock {
  switch (file[at]) {
    case introducer.extension: {
      const label = file[at + 1];
      if (label === undefined) return { kind: 'cut', at };
      return { kind: 'extension', at, label, data: at + 2, end: behindBlocks(file, at + 2) };
    }
    case introducer.image: {
      if (at + descriptorLength > file.length) return { kind: 'cut', at };
      const table = tableBytes(file[at + 9] as number);
      const data = at + descriptorLength + table;
      const [left, top] = [file.readUInt16LE(at + 1), file.readUInt16LE(at + 3)];
      const [width, height] = [file.readUInt16LE(at + 5), file.readUInt16LE(at + 7)];
      return {
        kind: 'image',
        at,
        left,
        top,
        width,
        height,
        table,
        data,
        end: behindBlocks(file, data + 1),
      };
    }
    case introducer.trailer:
      return { kind: 'trailer', at };
    default:
      return { kind: 'unknown', at };
  }
}

/** The colour table announced by these flags of a screen or a frame: three bytes each, 2 to 256 of them. */
export function tableBytes(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 << ((flags & 7) + 1);
}

/** The position after a chain of blocks, each with its length in front, ended by length 0. */
function behindBlocks(file: Buffer, start: number): number {
  let at = start;
  while (at < file.length && file[at] !== 0) at += 1 + (file[at] as number);
  return at + 1;
}

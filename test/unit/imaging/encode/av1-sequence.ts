/** What a decoder learns of the pixels from an AV1 bitstream. */
export interface Av1Sequence {
  width: number;
  height: number;
  depth: 8 | 10;
  sampling: '4:2:0' | '4:4:4' | 'luma only';
  /** Code points of ITU-T H.273; undefined where the bitstream has none. */
  colour: { primaries: number; transfer: number; matrix: number } | undefined;
  fullRange: boolean;
}

const sequenceHeader = 1;

/** The sequence header of a still picture (AV1 Bitstream and Decoding Process, 5.5). */
export function sequenceOf(bitstream: Buffer): Av1Sequence {
  const read = bitReader(headerIn(bitstream));
  const profile = read(3);
  const [still, reduced] = [read(1), read(1)];
  if (still !== 1 || reduced !== 1) throw new Error('the bitstream is not of a still picture');
  read(5); // The level.
  const [widthBits, heightBits] = [read(4) + 1, read(4) + 1];
  const [width, height] = [read(widthBits) + 1, read(heightBits) + 1];
  read(6); // Tools: superblocks, filters, super-resolution, CDEF and restoration.
  const depth = read(1) === 1 ? 10 : 8;
  const isGrey = profile !== 1 && read(1) === 1;
  const colour = read(1) === 1 ? { primaries: read(8), transfer: read(8), matrix: read(8) } : undefined;
  const fullRange = read(1) === 1;
  const sampling = isGrey ? 'luma only' : profile === 1 ? '4:4:4' : '4:2:0';
  return { width, height, depth, sampling, colour, fullRange };
}

/** The content of the first OBU of that type; libaom gives each its size in at most two bytes here. */
function headerIn(bitstream: Buffer): Buffer {
  for (let at = 0; at < bitstream.length; ) {
    const type = ((bitstream[at] as number) >> 3) & 0xf;
    const [low = 0, high = 0] = bitstream.subarray(at + 1, at + 3);
    const isShort = low < 0x80;
    const start = at + (isShort ? 2 : 3);
    const end = start + (isShort ? low : (low & 0x7f) | (high << 7));
    if (type === sequenceHeader) return bitstream.subarray(start, end);
    at = end;
  }
  throw new Error('the bitstream has no sequence header');
}

function bitReader(bytes: Buffer): (count: number) => number {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  let at = 0;
  return (count) => {
    at += count;
    return Number.parseInt(bits.slice(at - count, at), 2);
  };
}

import { crc32 } from 'node:zlib';

const signatureLength = 8;
/** Length, name and checksum around the data of a chunk. */
const frameLength = 12;

export interface Chunk {
  name: string;
  data: Buffer;
  /** Whether its checksum is correct; otherwise libpng skips a chunk that pixels do not depend on. */
  isSound(): boolean;
}

/** The chunks of a PNG before its pixels, in order, up to the first that is cut off. */
export function* chunksBeforePixels(png: Uint8Array): Generator<Chunk> {
  const file = Buffer.from(png.buffer, png.byteOffset, png.byteLength);
  for (let at = signatureLength; at + frameLength <= file.length; ) {
    const length = file.readUInt32BE(at);
    const name = file.toString('latin1', at + 4, at + 8);
    if (name === 'IDAT') return;
    const [begin, end] = [at + 4, at + 8 + length];
    yield {
      name,
      data: file.subarray(begin + 4, end),
      isSound: () => end + 4 <= file.length && crc32(file.subarray(begin, end)) === file.readUInt32BE(end),
    };
    at += frameLength + length;
  }
}

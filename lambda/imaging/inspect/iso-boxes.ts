/** A box of an ISO base media file (ISO/IEC 14496-12), the container of AVIF. */
export interface Box {
  name: string;
  content: Buffer;
}

/** An AVIF has some ten boxes in each box; a hostile file of 25 MB could have three million. */
const mostBoxes = 1_000;

/** The consecutive boxes in these bytes; of a broken file those before the damage. */
export function* boxes(data: Buffer): Generator<Box> {
  for (let at = 0, count = 0; at + 8 <= data.length && count < mostBoxes; count++) {
    const size = data.readUInt32BE(at);
    // 0 is "to the end"; 1, a 64-bit size, is for files larger than any original.
    const end = size === 0 ? data.length : at + size;
    if (size === 1 || end < at + 8) return;
    yield { name: data.toString('latin1', at + 4, at + 8), content: data.subarray(at + 8, end) };
    at = end;
  }
}

/** The content of the first box of this name. */
export function boxIn(data: Buffer, name: string): Buffer | undefined {
  for (const box of boxes(data)) if (box.name === name) return box.content;
  return undefined;
}

/** The content of `meta` after its version and flags: the items of a still. */
export function metaOf(file: Uint8Array): Buffer | undefined {
  return boxIn(Buffer.from(file.buffer, file.byteOffset, file.byteLength), 'meta')?.subarray(4);
}

/** Length of the brands read: the longest list seen, of a sequence, had 12. */
const mostBrandBytes = 1_024;

/** The brands of a file, the major one first; none for files of another kind. */
export function brandsOf(bytes: Uint8Array): string[] {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.toString('latin1', 4, 8) !== 'ftyp') return [];
  const end = Math.min(file.readUInt32BE(0), file.length, mostBrandBytes);
  const brands = [file.toString('latin1', 8, 12)];
  // Its version follows the major brand.
  for (let at = 16; at + 4 <= end; at += 4) brands.push(file.toString('latin1', at, at + 4));
  return brands;
}

/** Codes have at most 12 bits: a table of 4096 entries. */
const mostBits = 12;
const places = 1 << mostBits;

/** Pixels of the code in each entry. */
const lengths = new Uint16Array(places);

/**
 * Counts the pixels in the compressed data of a frame without making any, up to about `enough`. Reads what libnsgif reads:
 * no block that is cut off, and nothing after an invalid code; but at most two codes for each pixel, as no writer clears
 * the table more often. 8 ns a code, as long as the codec takes to draw it.
 * @param at position of the code size, which the data blocks follow
 */
export function countPixels(file: Uint8Array, at: number, enough: number): number {
  const root = file[at] ?? mostBits;
  if (root >= mostBits || enough <= 0) return 0;
  const data = joinedBlocks(file, at + 1, (2 * enough * mostBits) / 8);
  const bits = data.length * 8;
  const clear = 1 << root;
  lengths.fill(1, 0, clear);
  let size = root + 1;
  let next = clear + 2;
  let before = -1;
  let count = 0;
  for (let bit = size; bit <= bits && count < enough; bit += size) {
    const place = (bit - size) >>> 3;
    const word =
      (data[place] as number) | ((data[place + 1] as number) << 8) | ((data[place + 2] as number) << 16);
    const code = (word >>> ((bit - size) & 7)) & ((1 << size) - 1);
    if (code === clear) {
      size = root + 1;
      next = clear + 2;
      before = -1;
      continue;
    }
    const isFirst = before < 0;
    // The end code, and codes without an entry yet.
    if (code === clear + 1 || code > (isFirst ? clear : next)) break;
    if (!isFirst && next < places) {
      lengths[next] = (lengths[before] as number) + 1;
      if (next === (1 << size) - 1 && size < mostBits) size++;
      next++;
    }
    count += lengths[code] as number;
    before = code;
  }
  return count;
}

/** The concatenated data of whole blocks, up to one block more than needed. */
function joinedBlocks(file: Uint8Array, start: number, enough: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let joined = 0;
  for (let at = start; at < file.length && joined <= enough; ) {
    const length = file[at] as number;
    if (length === 0 || at + 1 + length > file.length) break;
    parts.push(file.subarray(at + 1, at + 1 + length));
    joined += length;
    at += 1 + length;
  }
  return Buffer.concat(parts);
}

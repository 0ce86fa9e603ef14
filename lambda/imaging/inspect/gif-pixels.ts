/** Codes have 12 bits at most, so that a table has 4096 places. */
const mostBits = 12;
const places = 1 << mostBits;

/** Pixels that the code at each place stands for. */
const lengths = new Uint16Array(places);

/**
 * Pixels that the compressed data of a frame hold, counted without making any, up to about `enough`. It reads what libnsgif
 * reads: no block that is cut off, and nothing behind a code that cannot be.
 * @param at of the size of codes, which the blocks of data follow
 */
export function countPixels(file: Uint8Array, at: number, enough: number): number {
  const root = file[at] ?? mostBits;
  if (root >= mostBits) return 0;
  const clear = 1 << root;
  lengths.fill(1, 0, clear);
  let place = at + 1;
  let left = 0;
  let held = 0;
  let bits = 0;
  let size = root + 1;
  let next = clear + 2;
  let before = -1;
  let count = 0;
  while (count < enough) {
    while (bits < size) {
      if (left === 0) {
        left = file[place++] ?? 0;
        if (left === 0 || place + left > file.length) return count;
      }
      held |= (file[place++] as number) << bits;
      bits += 8;
      left--;
    }
    const code = held & ((1 << size) - 1);
    held >>= size;
    bits -= size;
    if (code === clear) {
      size = root + 1;
      next = clear + 2;
      before = -1;
      continue;
    }
    const isFirst = before < 0;
    // The code that ends the frame, and those that stand for nothing yet.
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

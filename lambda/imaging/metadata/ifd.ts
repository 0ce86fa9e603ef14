const exifPrefix = Buffer.from('Exif\0\0', 'latin1');
/** ASCII, which in practice holds UTF-8 too, and the UTF-8 of EXIF 3.0. */
const texts = [2, 129];
const entryLength = 12;
/** A camera's IFD has some 20 entries; a hostile one may claim 65,535 that do not exist. */
const maxEntries = 1_000;

/**
 * The texts of some tags in the first directory (IFD0) of an EXIF block or TIFF file, as bytes without the final NUL. Reads
 * nothing outside the block and no other directory; broken entries are ignored. Written here, because EXIF packages read
 * everything to return two texts: exifreader 4.46 takes 7 times as long for a small block and 12 times for one of 5,000
 * tags, 118 kB of code, and 9 ms of every start.
 */
export function readIfd0(block: Uint8Array, tags: readonly number[]): Map<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  const whole = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
  const tiff = whole.subarray(0, 6).equals(exifPrefix) ? whole.subarray(6) : whole;
  const little = tiff.toString('latin1', 0, 4) === 'II*\0';
  if (!little && tiff.toString('latin1', 0, 4) !== 'MM\0*') return found;
  const has = (at: number, length: number) => at >= 0 && at + length <= tiff.length;
  const short = (at: number) => (little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const long = (at: number) => (little ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at));
  if (!has(4, 4)) return found;
  const start = long(4);
  if (!has(start, 2)) return found;
  const entries = Math.min(short(start), maxEntries);
  for (
    let at = start + 2;
    has(at, entryLength) && at < start + 2 + entries * entryLength;
    at += entryLength
  ) {
    const tag = short(at);
    if (!tags.includes(tag) || found.has(tag) || !texts.includes(short(at + 2))) continue;
    const length = long(at + 4);
    const value = length <= 4 ? at + 8 : long(at + 8);
    if (has(value, length)) found.set(tag, withoutEnd(tiff.subarray(value, value + length)));
  }
  return found;
}

function withoutEnd(text: Buffer): Buffer {
  let end = text.length;
  while (end > 0 && text[end - 1] === 0) end--;
  return text.subarray(0, end);
}

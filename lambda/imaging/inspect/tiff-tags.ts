/** Tags of TIFF 6.0 about pixel storage, and `jpegTables` of its second technical note. */
export const tag = {
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  samplesPerPixel: 277,
  tileWidth: 322,
  tileHeight: 323,
  tileOffsets: 324,
  tileByteCounts: 325,
  inkSet: 332,
  extraSamples: 338,
  sampleFormat: 339,
  jpegTables: 347,
  subsampling: 530,
} as const;

/** A field of a directory: its numbers, the position of the first in the file, and its size in bytes. */
export interface Field {
  values: readonly number[];
  at: number;
  length: number;
}

/** Bytes of a number of each type: bytes, shorts, longs, undefined ones and the longs of a BigTIFF. */
const bytesOf: Readonly<Record<number, number>> = { 1: 1, 3: 2, 4: 4, 7: 1, 16: 8 };
const mostEntries = 65_535;

/** The header and entries of a TIFF, and of a BigTIFF, whose counts and offsets have 8 bytes. */
const classic = { first: 4, offset: 4, count: 2, entry: 12, value: 8 } as const;
const big = { first: 8, offset: 8, count: 8, entry: 20, value: 12 } as const;

/** The first directory of a TIFF, the page that is decoded. */
interface Directory {
  form: typeof classic | typeof big;
  /** The number of this many bytes at this position; NaN after the end. */
  number(at: number, length: number): number;
  /** Where its entries start and end; the position of the next directory follows. */
  begin: number;
  end: number;
}

function directoryOf(tiff: Uint8Array): Directory {
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const little = isLittleEndian(tiff);
  const form = (little ? tiff[2] : tiff[3]) === 0x2b ? big : classic;
  const number = (at: number, length: number): number => {
    if (!(at >= 0 && at + length <= tiff.length)) return Number.NaN;
    if (length === 8) return Number(view.getBigUint64(at, little));
    if (length === 4) return view.getUint32(at, little);
    return length === 2 ? view.getUint16(at, little) : view.getUint8(at);
  };
  const start = number(form.first, form.offset);
  const begin = start + form.count;
  return { form, number, begin, end: begin + Math.min(number(start, form.count), mostEntries) * form.entry };
}

function isLittleEndian(tiff: Uint8Array): boolean {
  return tiff[0] === 0x49;
}

/**
 * Numbers of some tags in the first directory of a TIFF. Of duplicate tags the first counts, as in libtiff; values outside
 * the file or of another type are missing.
 * @param most numbers read of a tag
 */
export function fieldsOfTiff(tiff: Uint8Array, tags: readonly number[], most: number): Map<number, Field> {
  const { form, number, begin, end } = directoryOf(tiff);
  const found = new Map<number, Field>();
  for (let entry = begin; entry < end && entry < tiff.length; entry += form.entry) {
    const id = number(entry, 2);
    if (!tags.includes(id) || found.has(id)) continue;
    const length = bytesOf[number(entry + 2, 2)];
    const count = number(entry + 4, form.offset);
    if (length === undefined || !(count > 0)) continue;
    const value = entry + form.value;
    const at = count * length <= form.offset ? value : number(value, form.offset);
    const values = Array.from({ length: Math.min(count, most) }, (_, place) =>
      number(at + place * length, length),
    );
    if (values.every(Number.isFinite)) found.set(id, { values, at, length });
  }
  return found;
}

/**
 * A copy of the file with the first number of a field replaced.
 * @param value 0-255
 */
export function withNumber(tiff: Uint8Array, { at, length }: Field, value: number): Uint8Array {
  const copy = Uint8Array.from(tiff);
  copy.fill(0, at, at + length);
  copy[isLittleEndian(tiff) ? at : at + length - 1] = value;
  return copy;
}

/**
 * The file without its other pages, whose faults must not count; the same one where it has none. The directory is written
 * again at the end, as any data may follow it in place, pixels too.
 */
export function withoutOtherPages(tiff: Uint8Array): Uint8Array {
  const { form, number, begin, end } = directoryOf(tiff);
  if (!(number(end, form.offset) > 0)) return tiff;
  const directory = tiff.subarray(begin - form.count, end);
  const at = tiff.length + (tiff.length % 2);
  const copy = new Uint8Array(at + directory.length + form.offset);
  copy.set(tiff);
  copy.set(directory, at);
  const view = new DataView(copy.buffer);
  if (form.offset === 8) view.setBigUint64(form.first, BigInt(at), isLittleEndian(tiff));
  else view.setUint32(form.first, at, isLittleEndian(tiff));
  return copy;
}

/** Tags of TIFF 6.0 that tell how pixels are kept, and of its second technical note, `jpegTables`. */
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

/** A value of a directory: its numbers, and where in the file the first of them lies, and in how many bytes. */
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

/** The first directory of a TIFF, which is the page that is decoded. */
interface Directory {
  form: typeof classic | typeof big;
  /** The number at this place, of so many bytes; NaN behind the end. */
  number(at: number, length: number): number;
  /** Where its entries begin, and where they end: there the place of the next directory is told. */
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
 * Numbers of some tags in the first directory of a TIFF. Of two with one tag the first counts, as for libtiff; what lies
 * outside of the file, or is of another type, is not there.
 * @param most numbers that are read of a tag
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
 * A copy of the file with another number in the place of the first one of a field.
 * @param value 0-255
 */
export function withNumber(tiff: Uint8Array, { at, length }: Field, value: number): Uint8Array {
  const copy = Uint8Array.from(tiff);
  copy.fill(0, at, at + length);
  copy[isLittleEndian(tiff) ? at : at + length - 1] = value;
  return copy;
}

/**
 * The file as if it had no other pages, whose faults are not those of the first; the same one where it has none. Its
 * directory is written once more behind it, as what follows it may be anything, pixels too.
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

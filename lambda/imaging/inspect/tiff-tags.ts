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

/** A value of a directory: its numbers, and where in the file the first of them lies. */
export interface Field {
  values: readonly number[];
  at: number;
  /** How one of them is kept. */
  type: number;
  littleEndian: boolean;
}

const short = 3;
const bytesOf: Readonly<Record<number, number>> = { 1: 1, [short]: 2, 4: 4, 7: 1, 16: 8 };
const mostEntries = 65_535;

/** The header and entries of a TIFF, and of a BigTIFF, whose counts and offsets have 8 bytes. */
const classic = { first: 4, offset: 4, count: 2, entry: 12, value: 8 } as const;
const big = { first: 8, offset: 8, count: 8, entry: 20, value: 12 } as const;

/**
 * Numbers of some tags in the first directory of a TIFF, which is the page that is decoded. Of two with one tag the first
 * counts, as for libtiff; what lies outside of the file, or is of another type, is not there.
 * @param most numbers that are read of a tag
 */
export function fieldsOfTiff(tiff: Uint8Array, tags: readonly number[], most: number): Map<number, Field> {
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const littleEndian = tiff[0] === 0x49;
  const form = (littleEndian ? tiff[2] : tiff[3]) === 0x2b ? big : classic;
  const number = (at: number, length: number): number => {
    if (at + length > tiff.length) return Number.NaN;
    if (length === 8) return Number(view.getBigUint64(at, littleEndian));
    if (length === 4) return view.getUint32(at, littleEndian);
    return length === 2 ? view.getUint16(at, littleEndian) : view.getUint8(at);
  };
  const found = new Map<number, Field>();
  const start = number(form.first, form.offset);
  const entries = Math.min(number(start, form.count), mostEntries);
  for (let index = 0; index < entries; index++) {
    const entry = start + form.count + index * form.entry;
    const id = number(entry, 2);
    if (!tags.includes(id) || found.has(id)) continue;
    const type = number(entry + 2, 2);
    const length = bytesOf[type];
    const count = Math.min(number(entry + 4, form.offset), most);
    if (length === undefined || !(count > 0)) continue;
    const value = entry + form.value;
    const at = count * length <= form.offset ? value : number(value, form.offset);
    const values = Array.from({ length: count }, (_, place) => number(at + place * length, length));
    if (values.every(Number.isFinite)) found.set(id, { values, at, type, littleEndian });
  }
  return found;
}

/** A copy of the file with another number in the place of a short one. */
export function withShort(tiff: Uint8Array, { at, littleEndian }: Field, value: number): Uint8Array {
  const copy = Uint8Array.from(tiff);
  new DataView(copy.buffer).setUint16(at, value, littleEndian);
  return copy;
}

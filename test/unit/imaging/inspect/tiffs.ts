import { long, short, type Tag, tiffFile } from './containers.ts';

/** The storage of a page of one strip; 8-bit RGB by default, independent of its bytes. */
export interface Page {
  width: number;
  height: number;
  strip: Buffer;
  samples?: number;
  bits?: number | readonly number[];
  photometric?: number;
  compression?: number;
  /** Additional tags; they replace those of the same number. */
  tags?: readonly Tag[];
  /** Numbers of tags to omit. */
  without?: readonly number[];
}

/** A TIFF of one page in one strip, uncompressed by default. */
export function pageTiff({ width, height, strip, samples = 3, bits = 8, ...page }: Page): Buffer {
  const { photometric = 2, compression = 1, tags = [], without = [] } = page;
  const depths = typeof bits === 'number' ? Array.from({ length: samples }, () => bits) : bits;
  const usual = [
    short(256, width),
    short(257, height),
    short(258, ...depths),
    short(259, compression),
    short(262, photometric),
    long(273, 8),
    short(277, samples),
    short(278, height),
    long(279, strip.length),
  ];
  const replaced = new Set([...without, ...tags.map(({ id }) => id)]);
  return tiffFile({ lead: strip, chain: [[...usual.filter(({ id }) => !replaced.has(id)), ...tags]] });
}

/** Copies of one pixel, with samples of 8, 16 or 32 bits. */
export function samplesOf(pixel: readonly number[], count: number, bits: 8 | 16 | 32 = 8): Buffer {
  const bytes = bits / 8;
  const data = Buffer.alloc(pixel.length * bytes * count);
  for (let at = 0; at < pixel.length * count; at++)
    data.writeUIntLE(pixel[at % pixel.length] as number, at * bytes, bytes);
  return data;
}

/** The file with the entries of its only directory in reverse order. */
export function unsorted(tiff: Buffer): Buffer {
  const copy = Buffer.from(tiff);
  const start = tiff.readUInt32LE(4);
  const count = tiff.readUInt16LE(start);
  const entry = (index: number) => start + 2 + index * 12;
  for (let index = 0; index < count; index++)
    tiff.copy(copy, entry(count - 1 - index), entry(index), entry(index) + 12);
  return copy;
}

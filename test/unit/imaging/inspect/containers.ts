import { crc32, deflateSync } from 'node:zlib';

/* Files assembled from parts that no encoder writes. All are deterministic. */

export function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

// --- TIFF, which EXIF is made of -----------------------------------------------------------------------------------

export interface Tag {
  id: number;
  /** 1 bytes, 2 ASCII, 3 shorts, 4 longs, 5 rationals, 7 undefined; the count follows from the data. */
  type: number;
  data: Buffer;
}

const bytesOf: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 129: 1 };

export function ascii(id: number, text: string): Tag {
  return { id, type: 2, data: Buffer.concat([Buffer.from(text), Buffer.alloc(1)]) };
}
export function short(id: number, ...values: number[]): Tag {
  const data = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => void data.writeUInt16LE(value, index * 2));
  return { id, type: 3, data };
}
export function long(id: number, value: number): Tag {
  const data = Buffer.alloc(4);
  data.writeUInt32LE(value);
  return { id, type: 4, data };
}
export function undefinedTag(id: number, data: Buffer): Tag {
  return { id, type: 7, data };
}

/** A directory for each name. Those in `chain` are linked; a tag of the first points to the others. */
export interface TiffParts {
  /** Bytes at offset 8, before all directories: pixels, or a thumbnail. */
  lead?: Buffer;
  chain: Tag[][];
  /** By tag of the first directory: the content of the directory that it points to. */
  children?: Record<number, Tag[]>;
}

/** A little-endian TIFF. */
export function tiffFile({ lead = Buffer.alloc(0), chain, children = {} }: TiffParts): Buffer {
  const start = 8 + lead.length + (lead.length % 2);
  const [head = [], ...others] = chain;
  const pointers = Object.keys(children).map((id) => long(Number(id), 0));
  const directories = [[...head, ...pointers], ...others, ...Object.values(children)];
  const offsets: number[] = [];
  let at = start;
  for (const tags of directories) {
    offsets.push(at);
    at += directoryLength(tags);
  }
  for (const [index, pointer] of pointers.entries())
    pointer.data.writeUInt32LE(offsets[chain.length + index] as number);
  const written = directories.map((tags, index) =>
    directory(tags, offsets[index] as number, index + 1 < chain.length ? (offsets[index + 1] as number) : 0),
  );
  const header = Buffer.alloc(8);
  header.write('II*\0', 'latin1');
  header.writeUInt32LE(start, 4);
  return Buffer.concat([header, lead, Buffer.alloc(lead.length % 2), ...written]);
}

function directoryLength(tags: readonly Tag[]): number {
  return 6 + 12 * tags.length + tags.reduce((sum, { data }) => sum + outside(data), 0);
}

function outside(data: Buffer): number {
  return data.length > 4 ? data.length + (data.length % 2) : 0;
}

function directory(tags: readonly Tag[], at: number, next: number): Buffer {
  const sorted = [...tags].sort((a, b) => a.id - b.id);
  const bytes = Buffer.alloc(directoryLength(tags));
  bytes.writeUInt16LE(sorted.length);
  let value = 6 + 12 * sorted.length;
  for (const [index, { id, type, data }] of sorted.entries()) {
    const entry = 2 + 12 * index;
    bytes.writeUInt16LE(id, entry);
    bytes.writeUInt16LE(type, entry + 2);
    bytes.writeUInt32LE(data.length / (bytesOf[type] as number), entry + 4);
    if (data.length <= 4) data.copy(bytes, entry + 8);
    else {
      bytes.writeUInt32LE(at + value, entry + 8);
      data.copy(bytes, value);
      value += outside(data);
    }
  }
  bytes.writeUInt32LE(next, 2 + 12 * sorted.length);
  return bytes;
}

/** Tags of a page of 8-bit RGB in one strip at this offset. */
export function pageTags(width: number, height: number, offset: number): Tag[] {
  return [
    short(256, width),
    short(257, height),
    short(258, 8, 8, 8),
    short(259, 1),
    short(262, 2),
    long(273, offset),
    short(277, 3),
    short(278, height),
    long(279, width * height * 3),
  ];
}

// --- JPEG ----------------------------------------------------------------------------------------------------------

/** A segment: `ff`, its marker, its length, its data (65,533 bytes at most). */
export function segment(marker: number, data: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(data.length + 2, 2);
  return Buffer.concat([head, data]);
}

/** A JPEG with these segments after its first marker. */
export function jpegWith(jpeg: Buffer, ...segments: Buffer[]): Buffer {
  return Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)]);
}

/** Photoshop's resource blocks by number: 0x0404 is IPTC. */
export function photoshop(resources: Record<number, Buffer>): Buffer {
  const blocks = Object.entries(resources).map(([id, data]) => {
    const head = Buffer.alloc(12);
    head.write('8BIM', 'latin1');
    head.writeUInt16BE(Number(id), 4);
    head.writeUInt32BE(data.length, 8);
    return Buffer.concat([head, data, Buffer.alloc(data.length % 2)]);
  });
  return Buffer.concat(blocks);
}

/** Datasets of IPTC-IIM: record, number, text. */
export function iptc(...fields: [record: number, dataset: number, text: string | Buffer][]): Buffer {
  const sets = fields.map(([record, dataset, text]) => {
    const data = Buffer.from(text as string);
    const head = Buffer.from([0x1c, record, dataset, 0, 0]);
    head.writeUInt16BE(data.length, 3);
    return Buffer.concat([head, data]);
  });
  return Buffer.concat(sets);
}

// --- PNG -----------------------------------------------------------------------------------------------------------

export function chunk(name: string, data: Buffer): Buffer {
  const bytes = Buffer.alloc(12 + data.length);
  bytes.writeUInt32BE(data.length);
  bytes.write(name, 4, 'latin1');
  data.copy(bytes, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
  return bytes;
}

export function textChunk(keyword: string, text: string): Buffer {
  return chunk('tEXt', latin1(`${keyword}\0${text}`));
}

export function compressedText(keyword: string, text: Buffer): Buffer {
  return chunk('zTXt', Buffer.concat([latin1(`${keyword}\0\0`), deflateSync(text)]));
}

export function internationalText(keyword: string, text: Buffer, compressed: boolean): Buffer {
  const head = Buffer.concat([
    latin1(`${keyword}\0`),
    Buffer.from([compressed ? 1 : 0, 0]),
    latin1('en\0\0'),
  ]);
  return chunk('iTXt', Buffer.concat([head, compressed ? deflateSync(text) : text]));
}

export function profileChunk(name: string, profile: Buffer): Buffer {
  return chunk('iCCP', Buffer.concat([latin1(`${name}\0\0`), deflateSync(profile)]));
}

const signatureAndHeader = 33;

/** A PNG with these chunks after its header. */
export function pngWith(png: Buffer, ...chunks: Buffer[]): Buffer {
  return Buffer.concat([png.subarray(0, signatureAndHeader), ...chunks, png.subarray(signatureAndHeader)]);
}

// --- WebP ----------------------------------------------------------------------------------------------------------

export function riffChunk(name: string, data: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.write(name, 'latin1');
  head.writeUInt32LE(data.length, 4);
  return Buffer.concat([head, data, Buffer.alloc(data.length % 2)]);
}

export function riff(...chunks: Buffer[]): Buffer {
  const body = Buffer.concat([latin1('WEBP'), ...chunks]);
  const head = Buffer.alloc(8);
  head.write('RIFF', 'latin1');
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
}

/** The chunks of a WebP in their order. */
export function riffChunks(webp: Buffer): { name: string; bytes: Buffer }[] {
  const chunks: { name: string; bytes: Buffer }[] = [];
  for (let at = 12; at + 8 <= webp.length; ) {
    const length = webp.readUInt32LE(at + 4);
    const end = at + 8 + length + (length % 2);
    chunks.push({ name: webp.toString('latin1', at, at + 4), bytes: webp.subarray(at, end) });
    at = end;
  }
  return chunks;
}

export const webpFlag = { animation: 0x02, xmp: 0x04, exif: 0x08, alpha: 0x10, icc: 0x20 } as const;

export function extendedHeader(width: number, height: number, flags: number): Buffer {
  const data = Buffer.alloc(10);
  data[0] = flags;
  data.writeUIntLE(width - 1, 4, 3);
  data.writeUIntLE(height - 1, 7, 3);
  return riffChunk('VP8X', data);
}

/** An animated WebP of this many frames, all the same still WebP. */
export function animatedWebp(still: Buffer, size: { width: number; height: number }, count: number): Buffer {
  const head = Buffer.alloc(16);
  head.writeUIntLE(size.width - 1, 6, 3);
  head.writeUIntLE(size.height - 1, 9, 3);
  head.writeUIntLE(40, 12, 3);
  const pixels = riffChunks(still).filter(({ name }) => /^(VP8 |VP8L|ALPH)$/.test(name));
  const frame = riffChunk('ANMF', Buffer.concat([head, ...pixels.map(({ bytes }) => bytes)]));
  return riff(
    extendedHeader(size.width, size.height, webpFlag.animation),
    riffChunk('ANIM', Buffer.alloc(6)),
    ...Array.from({ length: count }, () => frame),
  );
}

// --- GIF -----------------------------------------------------------------------------------------------------------

function subBlocks(data: Buffer): Buffer {
  const blocks: Buffer[] = [];
  for (let at = 0; at < data.length; at += 255) {
    const part = data.subarray(at, at + 255);
    blocks.push(Buffer.from([part.length]), part);
  }
  return Buffer.concat([...blocks, Buffer.alloc(1)]);
}

export function gifComment(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x21, 0xfe]), subBlocks(latin1(text))]);
}

/** @param name 11 characters: eight of the application, three of its code */
export function gifApplication(name: string, data: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x21, 0xff, 11]), latin1(name), subBlocks(data)]);
}

export function gifPlainText(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x21, 0x01, 12]), Buffer.alloc(12), subBlocks(latin1(text))]);
}

/** A GIF with these blocks after its global colour table, and optional bytes after its end. */
export function gifWith(gif: Buffer, blocks: Buffer[], trailing: Buffer = Buffer.alloc(0)): Buffer {
  const flags = gif[10] as number;
  const start = 13 + (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
  return Buffer.concat([gif.subarray(0, start), ...blocks, gif.subarray(start), trailing]);
}

/** A GIF of this many frames of one pixel, red and black. */
export function gifFrames(count: number, { width = 1, height = 1 } = {}): Buffer {
  const head = Buffer.alloc(19);
  head.write('GIF89a', 'latin1');
  head.writeUInt16LE(width, 6);
  head.writeUInt16LE(height, 8);
  head[10] = 0x80;
  head[13] = 255;
  // Red and black alternate, because equal consecutive frames would be merged.
  const frame = (index: number) =>
    Buffer.from([0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, index % 2 === 0 ? 0x44 : 0x4c, 0x01, 0]);
  return Buffer.concat([
    head,
    ...Array.from({ length: count }, (_, index) => frame(index)),
    Buffer.from([0x3b]),
  ]);
}

// --- ISO base media, which AVIF is made of ---------------------------------------------------------------------------

export function box(name: string, data: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(data.length + 8);
  head.write(name, 4, 'latin1');
  return Buffer.concat([head, data]);
}

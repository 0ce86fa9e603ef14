import sharp from 'sharp';
import { draw, quartered } from '../fixtures.ts';
import {
  ascii,
  iptc,
  jpegWith,
  latin1,
  long,
  segment,
  type Tag,
  tiffFile,
  undefinedTag,
} from '../inspect/containers.ts';

/* Blocks of metadata with a canary in every field. */

/** A canary per field, so that a leak names its source. */
export function canary(place: string): string {
  return `CANARY-${place}-CANARY`;
}

/** A real sRGB-like profile whose description, copyright and a private tag are canaries. */
export async function profile(place: string): Promise<Buffer> {
  const { icc = Buffer.alloc(0) } = await sharp(
    await draw(quartered(16, 16)).withIccProfile('p3').jpeg().toBuffer(),
  ).metadata();
  const tags = icc.readUInt32BE(128);
  const planted = Buffer.concat([latin1('text\0\0\0\0'), latin1(canary(place)), Buffer.alloc(1)]);
  const padded = Buffer.concat([planted, Buffer.alloc(-planted.length & 3)]);
  const bytes = Buffer.concat([
    icc.subarray(0, 132 + 12 * tags),
    Buffer.alloc(36),
    icc.subarray(132 + 12 * tags),
    padded,
  ]);
  bytes.writeUInt32BE(bytes.length, 0);
  bytes.writeUInt32BE(tags + 3, 128);
  for (let index = 0; index < tags; index++) {
    const at = 132 + 12 * index + 4;
    bytes.writeUInt32BE(bytes.readUInt32BE(at) + 36, at);
  }
  for (const [index, name] of ['dmnd', 'targ', 'priv'].entries()) {
    const at = 132 + 12 * (tags + index);
    bytes.write(name, at, 'latin1');
    bytes.writeUInt32BE(bytes.length - padded.length, at + 4);
    bytes.writeUInt32BE(planted.length, at + 8);
  }
  return bytes;
}

function wide(text: string): Buffer {
  return Buffer.from(`${text}\0`, 'utf16le');
}

/** EXIF with a canary in every directory, in text, bytes and UTF-16, and a thumbnail with its own. */
export async function exif(place: string): Promise<Buffer> {
  const of = (part: string) => canary(`${place}-${part}`);
  const thumbnail = jpegWith(
    await draw(quartered(16, 12)).jpeg().toBuffer(),
    segment(0xfe, latin1(of('thumbnail'))),
  );
  const main: Tag[] = [
    ascii(0x010e, of('description')),
    ascii(0x010f, of('make')),
    ascii(0x0110, of('model')),
    ascii(0x0131, of('software')),
    ascii(0x0132, '2026:01:01 00:00:00'),
    ascii(0x013b, of('artist')),
    ascii(0x8298, of('copyright')),
    { id: 0x9c9b, type: 1, data: wide(of('xp-title')) },
    { id: 0x9c9d, type: 1, data: wide(of('xp-author')) },
    undefinedTag(0xc634, latin1(of('private'))),
  ];
  const camera: Tag[] = [
    undefinedTag(0x9000, latin1('0232')),
    undefinedTag(0x927c, latin1(of('maker-note'))),
    undefinedTag(0x9286, Buffer.concat([latin1('UNICODE\0'), wide(of('comment'))])),
    ascii(0xa430, of('owner')),
    ascii(0xa431, of('serial')),
    ascii(0xa420, of('unique-id')),
  ];
  const place2d = Buffer.alloc(24);
  [59, 1, 54, 1, 30, 1].forEach((value, index) => void place2d.writeUInt32LE(value, index * 4));
  const gps: Tag[] = [
    ascii(0x0001, 'N'),
    { id: 0x0002, type: 5, data: place2d },
    ascii(0x0012, of('gps-datum')),
    undefinedTag(0x001b, latin1(`ASCII\0\0\0${of('gps-method')}`)),
    undefinedTag(0x001c, latin1(`ASCII\0\0\0${of('gps-area')}`)),
  ];
  return tiffFile({
    lead: thumbnail,
    chain: [main, [ascii(0x010e, of('second')), long(0x0201, 8), long(0x0202, thumbnail.length)]],
    children: { 34665: camera, 34853: gps },
  });
}

export function xmp(place: string): Buffer {
  return Buffer.from(
    `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"><dc:title>${canary(`${place}-title`)}</dc:title><xmp:CreatorTool>${canary(`${place}-tool`)}</xmp:CreatorTool></rdf:Description></rdf:RDF></x:xmpmeta>`,
  );
}

export function newsRoom(place: string): Buffer {
  return iptc(
    [1, 90, '\x1b%G'],
    [2, 5, canary(`${place}-title`)],
    [2, 25, canary(`${place}-keyword`)],
    [2, 120, canary(`${place}-caption`)],
  );
}

import { crc32 } from 'node:zlib';

/** Random numbers from 0 up to but excluding 1, the same for the same seed. */
export type Random = () => number;

/** Mulberry32: small, and good enough to choose bytes. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Changes a file in one way; splices take bytes from the donor. */
type Mutation = (file: Buffer, donor: Buffer, random: Random) => Buffer;

const upTo = (random: Random, end: number) => Math.floor(random() * end);
const oneOf = <Item>(random: Random, items: readonly Item[]) => items[upTo(random, items.length)] as Item;

/** Lengths and sizes at which arithmetic often fails. */
const interesting = [
  0, 1, 2, 0x7f, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff,
];

function flipBits(file: Buffer, _: Buffer, random: Random): Buffer {
  const changed = Buffer.from(file);
  for (let count = 1 + upTo(random, 16); count > 0; count--) {
    const at = upTo(random, changed.length);
    changed[at] = (changed[at] as number) ^ (1 << upTo(random, 8));
  }
  return changed;
}

/** Prefers the beginning of a file, which describes the rest. */
function changeHead(file: Buffer, _: Buffer, random: Random): Buffer {
  const changed = Buffer.from(file);
  for (let count = 1 + upTo(random, 4); count > 0; count--)
    changed[upTo(random, Math.min(200, changed.length))] = upTo(random, 256);
  return changed;
}

function truncate(file: Buffer, _: Buffer, random: Random): Buffer {
  return file.subarray(0, upTo(random, file.length));
}

function fill(file: Buffer, _: Buffer, random: Random): Buffer {
  const changed = Buffer.from(file);
  const at = upTo(random, changed.length);
  return changed.fill(
    oneOf(random, [0, 0xff, 0x7f, upTo(random, 256)]),
    at,
    Math.min(changed.length, at + 1 + upTo(random, 64)),
  );
}

function splice(file: Buffer, donor: Buffer, random: Random): Buffer {
  const at = upTo(random, file.length);
  const from = upTo(random, donor.length);
  const part = donor.subarray(from, from + 1 + upTo(random, 400));
  const rest = random() < 0.5 ? at : at + part.length;
  return Buffer.concat([file.subarray(0, at), part, file.subarray(rest)]);
}

function repeat(file: Buffer, _: Buffer, random: Random): Buffer {
  const at = upTo(random, file.length);
  const part = file.subarray(at, at + 1 + upTo(random, 300));
  const times = 1 + upTo(random, 50);
  return Buffer.concat([
    file.subarray(0, at),
    ...Array.from({ length: times }, () => part),
    file.subarray(at),
  ]);
}

/** Overwrites 2 or 4 bytes, in either byte order, where a length or size may be. */
function changeNumber(file: Buffer, _: Buffer, random: Random): Buffer {
  const changed = Buffer.from(file);
  const at = upTo(random, Math.max(1, changed.length - 4));
  if (changed.length < at + 4) return changed;
  const value = oneOf(random, interesting);
  const ways = [
    () => changed.writeUInt16BE(value & 0xffff, at),
    () => changed.writeUInt16LE(value & 0xffff, at),
    () => changed.writeUInt32BE(value, at),
    () => changed.writeUInt32LE(value, at),
  ];
  oneOf(random, ways)();
  return changed;
}

/** Where a type stores width and height: at an offset after these bytes. */
const sizes: readonly { after: Buffer; skipped: number; bytes: 2 | 4; little: boolean }[] = [
  { after: Buffer.from('IHDR'), skipped: 0, bytes: 4, little: false },
  { after: Buffer.from([0xff, 0xc0]), skipped: 3, bytes: 2, little: false },
  { after: Buffer.from([0xff, 0xc2]), skipped: 3, bytes: 2, little: false },
  { after: Buffer.from('VP8X'), skipped: 8, bytes: 2, little: true },
  { after: Buffer.from([0x9d, 0x01, 0x2a]), skipped: 0, bytes: 2, little: true },
  { after: Buffer.from('ANMF'), skipped: 10, bytes: 2, little: true },
  { after: Buffer.from('GIF8'), skipped: 2, bytes: 2, little: true },
  { after: Buffer.from([0x2c]), skipped: 4, bytes: 2, little: true },
  { after: Buffer.from([0x00, 0x01, 0x03, 0x00]), skipped: 4, bytes: 2, little: true },
  { after: Buffer.from([0x01, 0x01, 0x03, 0x00]), skipped: 4, bytes: 2, little: true },
  { after: Buffer.from('ispe'), skipped: 4, bytes: 4, little: false },
];

function resize(file: Buffer, _: Buffer, random: Random): Buffer {
  const changed = Buffer.from(file);
  const places = sizes.flatMap((size) => {
    const at = changed.indexOf(size.after);
    return at < 0 ? [] : [{ ...size, at: at + size.after.length + size.skipped }];
  });
  if (places.length === 0) return changed;
  const { at, bytes, little } = oneOf(random, places);
  const value = oneOf(random, [...interesting, 3, 40, 1000, 4000, 16_384, 20_000]);
  const place = random() < 0.5 ? at : at + bytes;
  if (place + bytes > changed.length) return changed;
  if (little) changed.writeUIntLE(bytes === 2 ? value & 0xffff : value, place, bytes);
  else changed.writeUIntBE(bytes === 2 ? value & 0xffff : value, place, bytes);
  return changed;
}

/** The chunks, segments or boxes of a file; a single piece for other files. */
function pieces(file: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  const jpeg = file[0] === 0xff;
  const png = file[0] === 0x89;
  const webp = file.toString('latin1', 0, 4) === 'RIFF';
  const boxes = file.toString('latin1', 4, 8) === 'ftyp';
  if (!jpeg && !png && !webp && !boxes) return [file];
  let at = jpeg ? 2 : png ? 8 : webp ? 12 : 0;
  parts.push(file.subarray(0, at));
  while (at + 8 < file.length) {
    let length = 0;
    if (jpeg) length = file[at + 1] === 0xda ? file.length : 2 + file.readUInt16BE(at + 2);
    else if (png) length = 12 + file.readUInt32BE(at);
    else if (webp) length = 8 + file.readUInt32LE(at + 4) + (file.readUInt32LE(at + 4) % 2);
    else length = Math.max(8, file.readUInt32BE(at));
    parts.push(file.subarray(at, at + length));
    at += length;
  }
  parts.push(file.subarray(Math.min(at, file.length)));
  return parts;
}

function shuffle(file: Buffer, donor: Buffer, random: Random): Buffer {
  const parts = pieces(file);
  const at = upTo(random, parts.length);
  const other = upTo(random, parts.length);
  const changes = [
    () => parts.splice(at, 1),
    () => parts.splice(at, 0, oneOf(random, parts)),
    () => parts.splice(at, 0, oneOf(random, pieces(donor))),
    () => parts.splice(at, 1, oneOf(random, pieces(donor))),
    () => ([parts[at], parts[other]] = [parts[other] as Buffer, parts[at] as Buffer]),
    () => parts.splice(at, 0, ...Array.from({ length: 1 + upTo(random, 200) }, () => parts[other] as Buffer)),
  ];
  oneOf(random, changes)();
  return Buffer.concat(parts);
}

const mutations: readonly Mutation[] = [
  flipBits,
  changeHead,
  truncate,
  fill,
  splice,
  repeat,
  changeNumber,
  changeNumber,
  resize,
  resize,
  shuffle,
  shuffle,
];

/** Larger files, by repeated repeats, would only measure copying. */
const maxLength = 2_000_000;

/** Changes a file in one or a few ways; it still looks like its type. */
export function mutate(file: Buffer, donor: Buffer, random: Random): Buffer {
  let changed = file;
  for (let count = random() < 0.7 ? 1 : 1 + upTo(random, 4); count > 0; count--)
    changed = oneOf(random, mutations)(changed, donor, random).subarray(0, maxLength);
  // Otherwise nearly every PNG would fail at its first checksum, and every WebP at its length.
  return random() < 0.8 ? consistent(changed) : changed;
}

/** Corrects the checksums of a PNG and the length of a WebP. */
function consistent(file: Buffer): Buffer {
  const whole = Buffer.from(file);
  if (whole.toString('latin1', 0, 4) === 'RIFF' && whole.length > 8) whole.writeUInt32LE(whole.length - 8, 4);
  if (whole[0] !== 0x89) return whole;
  for (let at = 8; at + 12 <= whole.length; ) {
    const length = whole.readUInt32BE(at);
    if (at + 12 + length > whole.length) break;
    whole.writeUInt32BE(crc32(whole.subarray(at + 4, at + 8 + length)), at + 8 + length);
    at += 12 + length;
  }
  return whole;
}

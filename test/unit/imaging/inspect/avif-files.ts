import { box, latin1 } from './containers.ts';

/** Where a box begins; its name must not occur in any content before it. */
function boxAt(file: Buffer, name: string): number {
  return file.indexOf(latin1(name)) - 4;
}

/**
 * An AVIF by libheif with the additional statement that its colours are premultiplied: a reference `prem` from the
 * picture (item 1) to its alpha (item 2). Everything after it moves by its length.
 */
export function premultipliedAvif(avif: Buffer): Buffer {
  const reference = box('prem', Buffer.from([0, 1, 0, 1, 0, 2]));
  const file = Buffer.from(avif);
  for (const name of ['meta', 'iref']) {
    const at = boxAt(file, name);
    file.writeUInt32BE(file.readUInt32BE(at) + reference.length, at);
  }
  // Items of 18 bytes: number and reference of two bytes each, then the offset in four.
  const items = boxAt(file, 'iloc') + 16;
  for (const at of [items + 4, items + 22]) file.writeUInt32BE(file.readUInt32BE(at) + reference.length, at);
  const end = boxAt(file, 'iref') + 12;
  return Buffer.concat([file.subarray(0, end), reference, file.subarray(end)]);
}

/** An AVIF with other brands, the major one first. Their number must not change. */
export function withBrands(avif: Buffer, [major = '', ...others]: string[]): Buffer {
  const content = latin1(`${major}\0\0\0\0${others.join('')}`);
  const old = avif.readUInt32BE(0);
  if (content.length + 8 !== old) throw new Error(`${(old - 16) / 4} brands are needed behind the major one`);
  return Buffer.concat([box('ftyp', content), avif.subarray(old)]);
}

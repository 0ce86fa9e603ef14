import type { CodePoints } from './cicp.ts';

/** Boxes that lead to the properties of a still's items, with the bytes of their own before their children. */
const way = [
  { name: 'meta', own: 4 },
  { name: 'iprp', own: 0 },
  { name: 'ipco', own: 0 },
] as const;

interface Box {
  name: string;
  content: Buffer;
}

/** In the last byte of `nclx`, and in the third of `av1C`. */
const fullRangeBit = 0x80;
const monochromeBit = 0x10;

/**
 * Code points of an AVIF, as its first `colr` box of kind `nclx` has them (ISO/IEC 23008-12, 6.5.5). The codec makes
 * full-range RGB of its YUV, so only primaries and transfer are left to apply; but the luma of a grey one it leaves as
 * it is stored (libheif 1.23).
 */
export function codePointsOfAvif(avif: Uint8Array): CodePoints | undefined {
  let inside = Buffer.from(avif.buffer, avif.byteOffset, avif.byteLength);
  for (const { name, own } of way) {
    const box = boxes(inside).find((candidate) => candidate.name === name);
    if (box === undefined) return undefined;
    inside = box.content.subarray(own);
  }
  const properties = boxes(inside);
  const colour = properties.find(
    ({ name, content }) =>
      name === 'colr' && content.length >= 11 && content.toString('latin1', 0, 4) === 'nclx',
  );
  return (
    colour && {
      primaries: colour.content.readUInt16BE(4),
      transfer: colour.content.readUInt16BE(6),
      fullRange: !isGrey(properties) || (colour.content.readUInt8(10) & fullRangeBit) > 0,
    }
  );
}

/** Whether all items are of luma alone, by their `av1C` (AV1-ISOBMFF, 2.3.3): the alpha of a coloured one is, too. */
function isGrey(properties: readonly Box[]): boolean {
  return properties.every(({ name, content }) => name !== 'av1C' || ((content[2] ?? 0) & monochromeBit) > 0);
}

function boxes(data: Buffer): Box[] {
  const found: Box[] = [];
  for (let at = 0; at + 8 <= data.length; ) {
    const size = data.readUInt32BE(at);
    // 0 is "to the end"; 1, a 64-bit size, is for what is larger than any original.
    const end = size === 0 ? data.length : at + size;
    if (size === 1 || end < at + 8) break;
    found.push({ name: data.toString('latin1', at + 4, at + 8), content: data.subarray(at + 8, end) });
    at = end;
  }
  return found;
}

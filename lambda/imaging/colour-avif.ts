import type { CodePoints } from './colour-cicp.ts';

/** Boxes that lead to the properties of a still's items, with the bytes of their own before their children. */
const way = [
  { name: 'meta', own: 4 },
  { name: 'iprp', own: 0 },
  { name: 'ipco', own: 0 },
] as const;

/**
 * Code points of an AVIF, as its first `colr` box of kind `nclx` has them (ISO/IEC 23008-12, 6.5.5). The codec makes
 * full-range RGB of its YUV, so only primaries and transfer are left to apply.
 */
export function codePointsOfAvif(avif: Uint8Array): CodePoints | undefined {
  let inside = Buffer.from(avif.buffer, avif.byteOffset, avif.byteLength);
  for (const { name, own } of way) {
    const box = boxes(inside).find((candidate) => candidate.name === name);
    if (box === undefined) return undefined;
    inside = box.content.subarray(own);
  }
  const colour = boxes(inside).find(
    ({ name, content }) =>
      name === 'colr' && content.length >= 11 && content.toString('latin1', 0, 4) === 'nclx',
  );
  return (
    colour && {
      primaries: colour.content.readUInt16BE(4),
      transfer: colour.content.readUInt16BE(6),
      fullRange: true,
    }
  );
}

function boxes(data: Buffer): { name: string; content: Buffer }[] {
  const found = [];
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

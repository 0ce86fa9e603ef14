import { type Box, boxes, boxIn, metaOf } from '../inspect/iso-boxes.ts';
import type { CodePoints } from './cicp.ts';

/** In the last byte of `nclx`, and in the third of `av1C`. */
const fullRangeBit = 0x80;
const monochromeBit = 0x10;

/**
 * Code points in the first `colr` box of kind `nclx` of an AVIF (ISO/IEC 23008-12, 6.5.5). The codec converts YUV to
 * full-range RGB, so only primaries and transfer remain; but it leaves the luma of a grey image as stored (libheif 1.23).
 */
export function codePointsOfAvif(avif: Uint8Array): CodePoints | undefined {
  const iprp = boxIn(metaOf(avif) ?? Buffer.alloc(0), 'iprp');
  const ipco = iprp && boxIn(iprp, 'ipco');
  if (ipco === undefined) return undefined;
  const properties = [...boxes(ipco)];
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

/** Whether all items are luma only, by their `av1C` (AV1-ISOBMFF, 2.3.3): so is the alpha of a coloured image. */
function isGrey(properties: readonly Box[]): boolean {
  return properties.every(({ name, content }) => name !== 'av1C' || ((content[2] ?? 0) & monochromeBit) > 0);
}

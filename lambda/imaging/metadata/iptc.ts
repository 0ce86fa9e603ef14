import { readText } from './text.ts';

/** Datasets of record 2, and the one of record 1 that names the character set. */
export const iptcField = { byLine: 80, credit: 110, copyright: 116 } as const;

const photoshop = 'Photoshop 3.0\0';
const iptcResource = 0x0404;
const datasetMarker = 0x1c;
/** Credits are never beyond this many datasets. */
const maxDatasets = 1_000;

/**
 * The texts of a field of IPTC-IIM, bare or among Photoshop's resources. A field may occur several times. Of a broken block
 * it finds the texts before the damage. Written here for the reasons in `ifd.ts`.
 */
export function readIptc(block: Uint8Array, field: number): string[] {
  const whole = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
  const iim = whole[0] === datasetMarker ? whole : iimIn(whole);
  const texts: string[] = [];
  for (let at = 0, count = 0; at + 5 <= iim.length && count < maxDatasets; count++) {
    if (iim[at] !== datasetMarker) break;
    const length = iim.readUInt16BE(at + 3);
    // The highest bit announces an extended length, used for embedded images.
    if (length > 0x7fff || at + 5 + length > iim.length) break;
    if (iim[at + 1] === 2 && iim[at + 2] === field)
      texts.push(readText(iim.subarray(at + 5, at + 5 + length)));
    at += 5 + length;
  }
  return texts;
}

/** Signatures of resources: Photoshop's, and its plug-ins'. */
const makers = ['8BIM', 'MeSa', 'PHUT', 'AgHg', 'DCSR'];

/** The IPTC resource among Photoshop's: signature, number, name, length, data, each padded to even. */
function iimIn(block: Buffer): Buffer {
  let at = block.toString('latin1', 0, photoshop.length) === photoshop ? photoshop.length : 0;
  while (at + 12 <= block.length && makers.includes(block.toString('latin1', at, at + 4))) {
    const id = block.readUInt16BE(at + 4);
    const name = 1 + (block[at + 6] as number);
    const size = at + 6 + name + (name % 2);
    if (size + 4 > block.length) break;
    const length = block.readUInt32BE(size);
    if (id === iptcResource) return block.subarray(size + 4, size + 4 + length);
    at = size + 4 + length + (length % 2);
  }
  return Buffer.alloc(0);
}

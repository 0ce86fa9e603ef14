import { type Box, boxes, boxIn, metaOf } from '../../../../lambda/imaging/inspect/iso-boxes.ts';

/** An image of an AVIF: the picture, or its alpha. */
export interface AvifItem {
  id: number;
  /** Item properties such as `ispe`, `colr` and `auxC`, in the order of association. */
  properties: Box[];
  /** Its AV1 bitstream. */
  bytes: Buffer;
}

/** A typed reference of one item to others (ISO/IEC 14496-12, 8.11.12). */
export interface AvifReference {
  kind: string;
  from: number;
  to: number[];
}

/** The items of an AVIF as libheif writes it: boxes of version 0, one extent each. */
export function itemsOf(avif: Buffer): AvifItem[] {
  const meta = metaOf(avif) as Buffer;
  const iprp = boxIn(meta, 'iprp') as Buffer;
  const properties = [...boxes(boxIn(iprp, 'ipco') as Buffer)];
  const associated = associations(boxIn(iprp, 'ipma') as Buffer);
  const iloc = boxIn(meta, 'iloc') as Buffer;
  const sizes = iloc.readUInt16BE(4);
  if (iloc[0] !== 0 || sizes !== 0x4440) throw new Error(`an iloc of ${sizes.toString(16)}`);
  return Array.from({ length: iloc.readUInt16BE(6) }, (_, index) => {
    const at = 8 + index * 18;
    const id = iloc.readUInt16BE(at);
    const start = iloc.readUInt32BE(at + 4) + iloc.readUInt32BE(at + 10);
    return {
      id,
      properties: (associated.get(id) ?? []).map((place) => properties[place - 1] as Box),
      bytes: avif.subarray(start, start + iloc.readUInt32BE(at + 14)),
    };
  });
}

export function referencesOf(avif: Buffer): AvifReference[] {
  const iref = boxIn(metaOf(avif) as Buffer, 'iref');
  return [...boxes(iref?.subarray(4) ?? Buffer.alloc(0))].map(({ name, content }) => ({
    kind: name,
    from: content.readUInt16BE(0),
    to: Array.from({ length: content.readUInt16BE(2) }, (_, index) => content.readUInt16BE(4 + 2 * index)),
  }));
}

/** Places of the properties of each item, from 1 (ISO/IEC 23008-12, 9.3). */
function associations(ipma: Buffer): Map<number, number[]> {
  const found = new Map<number, number[]>();
  let at = 8;
  for (let left = ipma.readUInt32BE(4); left > 0; left--) {
    const count = ipma[at + 2] as number;
    found.set(
      ipma.readUInt16BE(at),
      [...ipma.subarray(at + 3, at + 3 + count)].map((byte) => byte & 0x7f),
    );
    at += 3 + count;
  }
  return found;
}

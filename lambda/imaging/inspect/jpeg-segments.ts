/** Markers of ITU-T T.81, table B.1. */
export const marker = {
  tem: 0x01,
  startOfFrame0: 0xc0,
  startOfFrame15: 0xcf,
  huffmanTables: 0xc4,
  extension: 0xc8,
  arithmeticConditions: 0xcc,
  restart0: 0xd0,
  restart7: 0xd7,
  startOfImage: 0xd8,
  endOfImage: 0xd9,
  startOfScan: 0xda,
  application0: 0xe0,
  application1: 0xe1,
  application13: 0xed,
  application14: 0xee,
} as const;

/** One marker with its data, as positions in the file. */
export interface Segment {
  marker: number;
  /** Position of its first 0xff; the bytes since the previous segment are entropy-coded data, or stray. */
  begin: number;
  /** Position after its length. */
  data: number;
  /** After its last byte, or after the file where it is cut off. */
  end: number;
}

/**
 * The segments of a JPEG, in order, to the end of the image or of the bytes. Content of a segment, such as a thumbnail, is
 * skipped.
 */
export function* segments(jpeg: Uint8Array): Generator<Segment> {
  for (let at = 2; at < jpeg.length; ) {
    // Most short segments follow another directly: a call costs ten times as much as this check.
    const begin = jpeg[at] === 0xff ? at : jpeg.indexOf(0xff, at);
    if (begin < 0) return;
    let code = begin;
    while (jpeg[code] === 0xff) code++;
    const found = jpeg[code];
    if (found === undefined) return;
    at = code + 1;
    if (isSkipped(found)) continue;
    const alone = found === marker.startOfImage || found === marker.endOfImage;
    const length = alone ? 0 : ((jpeg[at] ?? 0) << 8) | (jpeg[at + 1] ?? 0);
    const data = alone ? at : at + 2;
    at += length;
    yield { marker: found, begin, data, end: Math.min(at, jpeg.length) };
    if (found === marker.endOfImage) return;
  }
}

/** 0xff00 is a stuffed byte of entropy-coded data; these markers have no length and change nothing. */
function isSkipped(code: number): boolean {
  return code === 0 || code === marker.tem || (code >= marker.restart0 && code <= marker.restart7);
}

import { marker, type Segment, segments } from './jpeg-segments.ts';

/*
 * libjpeg warns alike of untidy headers and damaged data, and reports the first warning only, so that one about the header
 * would hide those about the data. With the header corrected to libjpeg's own reading, every remaining warning means
 * damage.
 */

/** More stray bytes and odd fields than any camera writes; a file with more stays unchanged, and the codec refuses it. */
const mostEdits = 1000;

/** Spectral selection 0-63 without approximation: the values of a sequential JPEG's scan (T.81, B.2.3). */
const wholeBlocks = [0, 63, 0] as const;
const endOfImage = Uint8Array.of(0xff, marker.endOfImage);

/** The frame's number of components, and whether each scan has whole blocks. */
interface Frame {
  components: number;
  sequential: boolean;
}

/**
 * A JPEG with corrected headers, or the same one: stray bytes between segments are removed; parameters of a sequential
 * scan, the version of JFIF and Adobe's transform become the values that libjpeg decodes by; a single sequential scan
 * without an end of image gets one. Bytes after entropy-coded data count as part of it, as they may come from damage. A
 * progressive JPEG cut off between two scans looks like one that lacks only its end, so progressive ones get none.
 */
export function tidied(jpeg: Uint8Array): Uint8Array {
  const stray: [begin: number, end: number][] = [];
  const odd: [at: number, value: number][] = [];
  let frame: Frame | undefined;
  let transformAt: number | undefined;
  let scans = 0;
  let last = { marker: marker.startOfImage as number, end: 2 };
  for (const segment of segments(jpeg)) {
    if (last.marker !== marker.startOfScan && segment.begin > last.end) stray.push([last.end, segment.begin]);
    if (isFrame(segment.marker)) frame = frameOf(jpeg, segment);
    else if (isJfif(jpeg, segment) && jpeg[segment.data + 5] !== 1) odd.push([segment.data + 5, 1]);
    else if (isAdobe(jpeg, segment)) transformAt = segment.data + 11;
    else if (segment.marker === marker.startOfScan) {
      if (scans++ === 0) odd.push(...oddTransform(jpeg, transformAt, frame));
      if (frame?.sequential) odd.push(...oddParameters(jpeg, segment));
    }
    if (stray.length + odd.length > mostEdits) return jpeg;
    last = segment;
  }
  const endless = last.marker === marker.startOfScan && scans === 1 && frame?.sequential === true;
  if (stray.length + odd.length === 0 && !endless) return jpeg;
  return edited(jpeg, stray, odd, endless);
}

function edited(
  jpeg: Uint8Array,
  stray: readonly [number, number][],
  odd: readonly [number, number][],
  endless: boolean,
): Uint8Array {
  const copy = Uint8Array.from(jpeg);
  for (const [at, value] of odd) copy[at] = value;
  let kept = 0;
  const parts = stray.map(([begin, end]) => {
    const part = copy.subarray(kept, begin);
    kept = end;
    return part;
  });
  return Buffer.concat([...parts, copy.subarray(kept), ...(endless ? [endOfImage] : [])]);
}

function isFrame(code: number): boolean {
  if (code === marker.huffmanTables || code === marker.extension || code === marker.arithmeticConditions)
    return false;
  return code >= marker.startOfFrame0 && code <= marker.startOfFrame15;
}

/** Sequential ones are 0 and 1, of Huffman codes, and 9, of arithmetic ones. */
function frameOf(jpeg: Uint8Array, { marker: code, data }: Segment): Frame {
  return {
    components: jpeg[data + 5] ?? 0,
    sequential: [0, 1, 9].includes(code - marker.startOfFrame0),
  };
}

function isJfif(jpeg: Uint8Array, segment: Segment): boolean {
  return segment.marker === marker.application0 && begins(jpeg, segment, 'JFIF\0', 14);
}

function isAdobe(jpeg: Uint8Array, segment: Segment): boolean {
  return segment.marker === marker.application14 && begins(jpeg, segment, 'Adobe', 12);
}

/** libjpeg takes shorter ones for another segment. */
function begins(jpeg: Uint8Array, { data, end }: Segment, name: string, least: number): boolean {
  return end - data >= least && [...name].every((letter, at) => jpeg[data + at] === letter.charCodeAt(0));
}

/** For three components 0 is RGB and 1 is YCbCr, for four 0 is CMYK and 2 is YCCK; libjpeg uses the latter for others. */
function oddTransform(
  jpeg: Uint8Array,
  at: number | undefined,
  frame: Frame | undefined,
): [number, number][] {
  const usual = frame?.components === 3 ? 1 : frame?.components === 4 ? 2 : undefined;
  if (at === undefined || usual === undefined) return [];
  return jpeg[at] === 0 || jpeg[at] === usual ? [] : [[at, usual]];
}

function oddParameters(jpeg: Uint8Array, { data, end }: Segment): [number, number][] {
  const at = data + 1 + 2 * (jpeg[data] ?? 0);
  if (at + wholeBlocks.length > end) return [];
  return wholeBlocks
    .map((value, index): [number, number] => [at + index, value])
    .filter(([place, value]) => jpeg[place] !== value);
}

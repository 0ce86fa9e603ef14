import { marker, type Segment, segments } from './jpeg-segments.ts';

/*
 * libjpeg warns of untidy headers and of damaged data alike, and tells the first warning only, so that one of the header
 * would hide those of the data. With the header put right as libjpeg itself takes it, whatever it still warns of is damage.
 */

/** More stray pieces and odd fields than any camera leaves; what has more is not tidied, and refused by the codec. */
const mostEdits = 1000;

/** Spectral selection 0-63 and no approximation: what a scan of a sequential JPEG has (T.81, B.2.3), and is decoded by. */
const wholeBlocks = [0, 63, 0] as const;
const endOfImage = Uint8Array.of(0xff, marker.endOfImage);

/** Of the frame: how many components it has, and whether each of its scans holds whole blocks. */
interface Frame {
  components: number;
  sequential: boolean;
}

/**
 * A JPEG whose headers are put right, or the same one where they are: stray bytes between segments go; parameters of
 * a sequential scan, the version of JFIF and Adobe's transform become what libjpeg decodes by; the end of the image is
 * put behind a single sequential scan that lacks it. What follows entropy-coded data counts as part of it, as stray
 * bytes there may come of damage. A progressive JPEG that was cut off between two scans looks like one that lacks
 * its end only, so that none of them is given one.
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

/** Shorter ones libjpeg takes for something else. */
function begins(jpeg: Uint8Array, { data, end }: Segment, name: string, least: number): boolean {
  return end - data >= least && [...name].every((letter, at) => jpeg[data + at] === letter.charCodeAt(0));
}

/** Of three components 0 is RGB and 1 is YCbCr, of four 0 is CMYK and 2 is YCCK; libjpeg takes the latter for others. */
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

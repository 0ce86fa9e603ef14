import { marker, segments } from '../inspect/jpeg-segments.ts';

const headings = {
  xmp: Buffer.from('http://ns.adobe.com/xap/1.0/\0', 'latin1'),
  photoshop: Buffer.from('Photoshop 3.0\0', 'latin1'),
};
/** A photograph has some ten segments, one with a large profile or depth map some hundred. */
const maxSegments = 1_000;

/** Metadata of a JPEG in several segments, of which the codec returns only one. */
export interface JpegMetadata {
  xmp: Uint8Array | undefined;
  /** The data of each Photoshop segment, without its heading. */
  photoshop: Uint8Array[];
}

/** The first XMP packet and all Photoshop blocks before the pixels. Of a broken file those before the damage. */
export function readSegments(jpeg: Uint8Array): JpegMetadata {
  const file = Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength);
  const found: JpegMetadata = { xmp: undefined, photoshop: [] };
  let count = 0;
  for (const segment of segments(jpeg)) {
    if (segment.marker === marker.startOfScan || ++count > maxSegments) break;
    const data = file.subarray(segment.data, segment.end);
    if (segment.marker === marker.application1 && startsWith(data, headings.xmp))
      found.xmp ??= data.subarray(headings.xmp.length);
    if (segment.marker === marker.application13 && startsWith(data, headings.photoshop))
      found.photoshop.push(data.subarray(headings.photoshop.length));
  }
  return found;
}

function startsWith(data: Buffer, heading: Buffer): boolean {
  return data.subarray(0, heading.length).equals(heading);
}

const marker = { first: 0xc0, startOfScan: 0xda, endOfImage: 0xd9, app1: 0xe1, app13: 0xed } as const;
const headings = {
  xmp: Buffer.from('http://ns.adobe.com/xap/1.0/\0', 'latin1'),
  photoshop: Buffer.from('Photoshop 3.0\0', 'latin1'),
};
/** A photograph has some ten segments, one with a large profile or depth map some hundred. */
const maxSegments = 1_000;

/** What a JPEG carries in segments of which the codec gives but one. */
export interface JpegMetadata {
  xmp: Uint8Array | undefined;
  /** Of each segment of Photoshop's, without its heading. */
  photoshop: Uint8Array[];
}

/** The first packet of XMP and all blocks of Photoshop's before the pixels. Of what is broken those before the damage. */
export function readSegments(jpeg: Uint8Array): JpegMetadata {
  const file = Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength);
  const found: JpegMetadata = { xmp: undefined, photoshop: [] };
  let at = 2;
  for (let count = 0; count < maxSegments; count++) {
    // Stray bytes between segments are passed over, as the codec does.
    at = file.indexOf(0xff, at);
    if (at < 0) break;
    while (file[at] === 0xff) at++;
    const code = file[at++] ?? marker.endOfImage;
    if (code === marker.startOfScan || code === marker.endOfImage || at + 2 > file.length) break;
    if (code < marker.first) continue;
    const end = at + file.readUInt16BE(at);
    const data = file.subarray(at + 2, end);
    if (code === marker.app1 && startsWith(data, headings.xmp))
      found.xmp ??= data.subarray(headings.xmp.length);
    if (code === marker.app13 && startsWith(data, headings.photoshop))
      found.photoshop.push(data.subarray(headings.photoshop.length));
    at = Math.max(at + 2, end);
  }
  return found;
}

function startsWith(data: Buffer, heading: Buffer): boolean {
  return data.subarray(0, heading.length).equals(heading);
}

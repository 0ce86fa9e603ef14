const marker = {
  restart0: 0xd0,
  restart7: 0xd7,
  startOfImage: 0xd8,
  endOfImage: 0xd9,
  startOfScan: 0xda,
  tem: 0x01,
};

/**
 * Counts the scans of a JPEG by walking its markers, so that a thumbnail inside a segment does not count. Stops at
 * the end of the image, at the end of the bytes, or once there are more than `enough`.
 */
export function countScans(jpeg: Uint8Array, enough: number): number {
  let scans = 0;
  let at = 2;
  while (at < jpeg.length && scans <= enough) {
    // Anything between segments, entropy-coded data above all, is skipped to the next 0xff.
    at = jpeg.indexOf(0xff, at);
    if (at < 0) break;
    while (jpeg[at] === 0xff) at++;
    const code = jpeg[at++];
    if (code === undefined || code === marker.endOfImage) break;
    if (standsAlone(code)) continue;
    if (code === marker.startOfScan) scans++;
    at += ((jpeg[at] ?? 0) << 8) | (jpeg[at + 1] ?? 0);
  }
  return scans;
}

/** 0xff00 is a stuffed byte of entropy-coded data; these markers have no length. */
function standsAlone(code: number): boolean {
  return (
    code === 0 ||
    code === marker.tem ||
    code === marker.startOfImage ||
    (code >= marker.restart0 && code <= marker.restart7)
  );
}

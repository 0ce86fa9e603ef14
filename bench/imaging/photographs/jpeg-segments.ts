/** An application segment: its marker (0xe1 is APP1) and what it holds, at most 65,533 bytes. */
function segment(marker: number, data: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(data.length + 2, 2);
  return Buffer.concat([head, data]);
}

/** The same JPEG with a segment more behind the start of the image: not a pixel changes. */
function withSegment(jpeg: Buffer, added: Buffer): Buffer {
  return Buffer.concat([jpeg.subarray(0, 2), added, jpeg.subarray(2)]);
}

/** The same JPEG, to be seen in another EXIF orientation (1-8). */
export function withOrientation(jpeg: Buffer, orientation: number): Buffer {
  // One directory (big endian) with one entry: tag 0x0112, SHORT, one value.
  const tiff = Buffer.from('4d4d002a00000008000101120003000000010000000000000000', 'hex');
  tiff.writeUInt16BE(orientation, 18);
  return withSegment(jpeg, segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff])));
}

/** The same JPEG with a colour profile of at most 64 kB. */
export function withProfile(jpeg: Buffer, icc: Buffer): Buffer {
  return withSegment(
    jpeg,
    segment(0xe2, Buffer.concat([Buffer.from('ICC_PROFILE\0\x01\x01', 'latin1'), icc])),
  );
}

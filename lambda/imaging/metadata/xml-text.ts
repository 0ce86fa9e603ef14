/** The bytes of XML's first character, a mark or `<`, in each encoding (XML 1.0, appendix F). */
const signs = [
  { encoding: 'utf-32be', marks: ['0000feff', '0000003c'] },
  { encoding: 'utf-32le', marks: ['fffe0000', '3c000000'] },
  { encoding: 'utf-16be', marks: ['feff', '003c'] },
  { encoding: 'utf-16le', marks: ['fffe', '3c00'] },
] as const;

/** XML as text, up to a cut. Text that is not UTF is Latin-1, which old writers used in XMP packets. */
export function readXmlText(bytes: Uint8Array): string {
  const start = Buffer.from(bytes.subarray(0, 4)).toString('hex');
  const encoding = signs.find(({ marks }) => marks.some((mark) => start.startsWith(mark)))?.encoding;
  if (encoding === 'utf-32be' || encoding === 'utf-32le') return readUtf32(bytes, encoding === 'utf-32le');
  if (encoding !== undefined) return new TextDecoder(encoding).decode(bytes, { stream: true });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return new TextDecoder('latin1').decode(bytes);
  }
}

/** Through UTF-16, as the platform decodes no UTF-32. */
function readUtf32(bytes: Uint8Array, little: boolean): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const units = new Uint16Array(Math.floor(bytes.length / 4) * 2);
  let length = 0;
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    const code = view.getUint32(at, little);
    if (code < 0x1_0000) units[length++] = code;
    else {
      units[length++] = 0xd7c0 + (code >>> 10);
      units[length++] = 0xdc00 | (code & 0x3ff);
    }
  }
  return new TextDecoder('utf-16le').decode(units.subarray(0, length));
}

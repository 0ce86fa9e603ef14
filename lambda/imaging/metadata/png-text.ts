import { inflateSync } from 'node:zlib';
import { readLatin1, readText } from './text.ts';

const signatureLength = 8;
/** Length, name and checksum around the data of a chunk. */
const frameLength = 12;
/** A PNG of 25 MB in the smallest pieces that writers choose has some 3,000 chunks. */
const maxChunks = 10_000;
/** Real credits are shorter; texts that inflate to more are not read. */
const maxInflated = 64 * 1024;

/** Standard keywords (PNG, third edition, 11.3.3.1) for credits. */
export type PngKeyword = 'Author' | 'Copyright';

/** The texts of a PNG with these keywords, the first readable one of each, before or after its pixels. */
export function readPngTexts(png: Uint8Array, keywords: readonly PngKeyword[]): Map<string, string> {
  const file = Buffer.from(png.buffer, png.byteOffset, png.byteLength);
  const found = new Map<string, string>();
  let at = signatureLength;
  for (let count = 0; at + frameLength <= file.length && count < maxChunks; count++) {
    const length = file.readUInt32BE(at);
    const read = readers[file.toString('latin1', at + 4, at + 8)];
    if (read !== undefined) {
      const data = file.subarray(at + 8, at + 8 + length);
      const end = data.indexOf(0);
      const keyword = keywords.find(
        (name) => end === name.length && data.toString('latin1', 0, end) === name,
      );
      const text = keyword && !found.has(keyword) ? read(data.subarray(end + 1)) : undefined;
      if (keyword !== undefined && text !== undefined) found.set(keyword, text);
    }
    at += frameLength + length;
  }
  return found;
}

/** The text after the keyword, by the chunk's name. */
const readers: Readonly<Record<string, ((rest: Buffer) => string | undefined) | undefined>> = {
  tEXt: readLatin1,
  zTXt: (rest) => inflated(rest.subarray(1), readLatin1),
  // A flag, the method, a language and a translated keyword, both ended by NUL.
  iTXt: (rest) => {
    const language = rest.indexOf(0, 2);
    const translated = language < 0 ? -1 : rest.indexOf(0, language + 1);
    if (translated < 0) return undefined;
    const text = rest.subarray(translated + 1);
    if (rest[0] === 1) return inflated(text, readText);
    return text.length > maxInflated ? undefined : readText(text);
  },
};

function inflated(data: Buffer, read: (bytes: Uint8Array) => string): string | undefined {
  try {
    return read(inflateSync(data, { maxOutputLength: maxInflated }));
  } catch {
    return undefined;
  }
}

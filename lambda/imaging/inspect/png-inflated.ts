import { inflateSync } from 'node:zlib';
import { chunksBeforePixels } from './png-chunks.ts';

/** Chunks whose text or profile is compressed; libpng inflates each before anybody can ask how much it is. */
const compressed: Readonly<Record<string, (data: Buffer) => Buffer | undefined>> = {
  iCCP: (data) => afterKeyword(data, 1),
  zTXt: (data) => afterKeyword(data, 1),
  // After the keyword: a flag, the method, a language and a translated keyword, both ended by NUL.
  iTXt: (data) => {
    const rest = afterKeyword(data, 0);
    if (rest?.[0] !== 1) return undefined;
    const language = rest.indexOf(0, 2);
    const translated = language < 0 ? -1 : rest.indexOf(0, language + 1);
    return translated < 0 ? undefined : rest.subarray(translated + 1);
  },
};

/**
 * Bytes that the compressed chunks before the pixels inflate to, all together; counting ends once there are more than
 * `enough`. 99 texts of 45 MB each fit into 4.3 MB of PNG and took 8.7 GB before the first pixel. What comes after the
 * pixels is never read.
 */
export function inflatedBytes(png: Uint8Array, enough: number): number {
  let total = 0;
  for (const { name, data } of chunksBeforePixels(png)) {
    const stream = compressed[name]?.(data);
    if (stream !== undefined) total += inflatedLength(stream, enough - total);
    if (total > enough) break;
  }
  return total;
}

function afterKeyword(data: Buffer, skipped: number): Buffer | undefined {
  const end = data.indexOf(0);
  return end < 0 ? undefined : data.subarray(end + 1 + skipped);
}

function inflatedLength(data: Buffer, enough: number): number {
  try {
    return inflateSync(data, { maxOutputLength: enough + 1 }).length;
  } catch (error) {
    // Damaged ones are left out by libpng too, whatever they had come to.
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? enough + 1 : 0;
  }
}

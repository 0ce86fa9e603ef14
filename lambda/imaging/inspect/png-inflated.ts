import { constants, createInflateRaw, inflateRawSync } from 'node:zlib';
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

/** So many texts libvips lets libpng keep (8.18, `png_set_chunk_cache_max`): those behind are passed over unread. */
const mostTexts = 100;
/** libpng reads one; whether it looks into others is not worth knowing. */
const mostProfiles = 100;
/** A damaged stream is counted to the end of the block of its output that the damage is in. */
const blockBytes = 4096;

/** What comes before the pixels of a PNG. */
export interface Ancillary {
  chunks: number;
  /** Bytes that libpng would make of its compressed chunks, and of damaged ones until it finds the damage. */
  inflated: number;
}

/**
 * Counts the chunks before the pixels, and what the compressed ones inflate to, all together; ends once there are more
 * than `enough` of either. 99 texts of 45 MB each fit into 4.3 MB of PNG and took 8.7 GB before the first pixel. What
 * comes after the pixels is never read. Inflates what libpng would, twice where it is damaged, and no more than `enough`.
 */
export async function measureAncillary(png: Uint8Array, enough: Ancillary): Promise<Ancillary> {
  let [chunks, inflated, texts, profiles] = [0, 0, 0, 0];
  for (const { name, data } of chunksBeforePixels(png)) {
    if (++chunks > enough.chunks) break;
    const stream = Object.hasOwn(compressed, name) ? compressed[name]?.(data) : undefined;
    if (stream === undefined || !beginsLikeZlib(stream)) continue;
    if (name === 'iCCP' ? ++profiles > mostProfiles : ++texts > mostTexts) continue;
    inflated += await inflatedLength(stream.subarray(2), enough.inflated - inflated);
    if (inflated > enough.inflated) break;
  }
  return { chunks, inflated };
}

function afterKeyword(data: Buffer, skipped: number): Buffer | undefined {
  const end = data.indexOf(0);
  return end < 0 ? undefined : data.subarray(end + 1 + skipped);
}

/** Deflate, the check of these two bytes, and no dictionary (RFC 1950, 2.2); libpng does not inflate anything else. */
function beginsLikeZlib(stream: Buffer): boolean {
  if (stream.length < 2) return false;
  const [method, flags] = [stream[0] as number, stream[1] as number];
  return (method & 0x0f) === 8 && (method * 256 + flags) % 31 === 0 && (flags & 0x20) === 0;
}

/**
 * Without the wrapper of zlib, as a wrong checksum at its end shows only when all has been inflated.
 * @returns at most one block more than `enough`
 */
async function inflatedLength(deflated: Buffer, enough: number): Promise<number> {
  try {
    return inflateRawSync(deflated, { maxOutputLength: enough + 1, finishFlush: constants.Z_SYNC_FLUSH })
      .length;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return enough + 1;
    return lengthUntilDamage(deflated);
  }
}

/** Of what is known to come to no more than is enough: zlib tells nothing of how far it came. */
function lengthUntilDamage(deflated: Buffer): Promise<number> {
  return new Promise((resolve) => {
    const inflate = createInflateRaw({ chunkSize: blockBytes });
    let length = blockBytes;
    const end = () => resolve(length);
    inflate.on('data', (part: Buffer) => {
      length += part.length;
    });
    inflate.on('error', end).on('end', end);
    inflate.end(deflated);
  });
}

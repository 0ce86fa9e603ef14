import { constants, createInflateRaw, inflateRawSync } from 'node:zlib';
import { chunksBeforePixels } from './png-chunks.ts';

/** Chunks with compressed text or profiles; libpng inflates each before its size can be known. */
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

/** Number of texts that libvips lets libpng keep (8.18, `png_set_chunk_cache_max`): later ones are skipped unread. */
const mostTexts = 100;
/** libpng reads one profile, possibly not the first. */
const mostProfiles = 100;
/** A damaged stream is counted to the end of the output block with the damage. */
const blockBytes = 4096;

/** The content before the pixels of a PNG. */
export interface Ancillary {
  chunks: number;
  /** Bytes that libpng would inflate from compressed chunks, damaged ones up to the damage. */
  inflated: number;
}

/**
 * Counts the chunks before the pixels and the total inflated size of compressed ones, until there are more than `enough` of
 * either. 99 texts of 45 MB each fit into 4.3 MB of PNG and took 8.7 GB before the first pixel. Chunks after the pixels are
 * never read. Inflates what libpng would, twice where it is damaged, and no more than `enough`.
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

/** Deflate, the check of these two bytes, and no dictionary (RFC 1950, 2.2); libpng inflates nothing else. */
function beginsLikeZlib(stream: Buffer): boolean {
  if (stream.length < 2) return false;
  const [method, flags] = [stream[0] as number, stream[1] as number];
  return (method & 0x0f) === 8 && (method * 256 + flags) % 31 === 0 && (flags & 0x20) === 0;
}

/**
 * Inflates without the zlib wrapper, as a wrong checksum at the end would show only when everything is inflated.
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

/** For data known to stay within `enough`: zlib does not report its progress. */
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

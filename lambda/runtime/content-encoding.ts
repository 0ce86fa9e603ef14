import type { Transform } from 'node:stream';
import { constants, createGzip, createZstdCompress } from 'node:zlib';

/** Encodings in which rows go out, the preferred one first: zstd takes a fourth of the CPU of gzip. */
export const encodings = ['zstd', 'gzip'] as const;
export type Encoding = (typeof encodings)[number];

/** Bytes that wait before and after the compressor. */
const highWaterMark = 65_536;

/**
 * The best encoding that an Accept-Encoding allows (RFC 9110, 12.5.3); undefined for none. Names without a quality have
 * quality 1, and `*` is any that is not named.
 */
export function acceptedEncoding(header: string | undefined): Encoding | undefined {
  const qualities = new Map<string, number>();
  for (const part of (header ?? '').toLowerCase().split(',')) {
    const [, name, quality = '1'] =
      /^\s*([a-z0-9*-]+)\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?$/.exec(part) ?? [];
    if (name !== undefined) qualities.set(name, Number(quality));
  }
  const of = (name: Encoding) => qualities.get(name) ?? qualities.get('*') ?? 0;
  const [best] = encodings.toSorted((one, other) => of(other) - of(one));
  return best !== undefined && of(best) > 0 && of(best) >= (qualities.get('identity') ?? 0)
    ? best
    : undefined;
}

/** A compressor of rows, at the fastest level that is worth it: zstd 1, gzip 1. */
export function compressor(encoding: Encoding): Transform {
  const buffers = { highWaterMark, chunkSize: highWaterMark };
  if (encoding === 'gzip') return createGzip({ ...buffers, level: 1 });
  // The window bounds the memory of both sides: 1 MB.
  const params = { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_windowLog]: 20 };
  return createZstdCompress({ ...buffers, params });
}

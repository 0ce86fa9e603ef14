/*
 * Positions in S3's order of keys, that of their bytes in UTF-8. (JavaScript compares UTF-16, where U+FFFD comes after
 * every character beyond the basic plane.)
 */

/** The first position behind a key. */
export function behind(key: string): Buffer {
  return Buffer.concat([Buffer.from(key), Buffer.of(0)]);
}

/** The first position behind all keys with a prefix: no byte of UTF-8 is 255. */
export function behindAll(prefix: string): Buffer {
  const bytes = Buffer.from(prefix);
  const last = bytes.length - 1;
  if (last < 0) return Buffer.of(0xff);
  bytes[last] = (bytes[last] ?? 0) + 1;
  return bytes;
}

export function laterOf(one: Buffer, other: Buffer): Buffer {
  return Buffer.compare(one, other) >= 0 ? one : other;
}

/*
 * Positions in S3's order of keys: bytes of UTF-8. (JavaScript compares UTF-16, which sorts U+FFFD after astral characters.)
 */

/** The first position after a key. */
export function behind(key: string): Buffer {
  return Buffer.concat([Buffer.from(key), Buffer.of(0)]);
}

/** The first position after all keys with a prefix: no byte of UTF-8 is 255. */
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

/** Seconds for which an API key is cached at most, and may work after it was revoked, also if it cannot be looked up. */
export const keyCacheSeconds = 30;

/** Seconds after which it is looked up again at the latest. */
export const keyFreshSeconds = 20;

/** Public id of a key: the first 12 of the 64 hex digits of its SHA-256. It does not reveal the key. */
export function keyId(sha256: string): string {
  return sha256.slice(0, 12);
}

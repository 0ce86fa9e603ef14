/** Seconds for which an API key is cached, and may work after it was revoked. */
export const keyCacheSeconds = 30;

/** Public id of a key: the first 12 of the 64 hex digits of its SHA-256. It does not reveal the key. */
export function keyId(sha256: string): string {
  return sha256.slice(0, 12);
}

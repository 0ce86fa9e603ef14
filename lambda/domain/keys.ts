/** A known key is believed for this long, so a revoked one works for half a minute longer at the most. In seconds. */
export const keyBelievedSeconds = 30;

/** By which people name a key: the first 12 of the 64 hex digits of its SHA-256. A key cannot be told from them. */
export function keyId(sha256: string): string {
  return sha256.slice(0, 12);
}

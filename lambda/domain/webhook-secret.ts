/*
 * Secrets of webhooks, as Standard Webhooks writes them: `whsec_` and 24 to 64 random bytes in base64
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
 */

export const secretPrefix = 'whsec_';
/** Bytes of a secret. */
export const secretBytes = { least: 24, most: 64, made: 32 } as const;

/** The key in a secret; undefined unless it is 24 to 64 bytes in base64 after the prefix. */
export function secretKey(secret: string): Uint8Array | undefined {
  if (!secret.startsWith(secretPrefix)) return undefined;
  const text = secret.slice(secretPrefix.length);
  const key = Buffer.from(text, 'base64');
  // Only the canonical form: the decoder skips what it does not know.
  if (key.toString('base64') !== text) return undefined;
  return key.length >= secretBytes.least && key.length <= secretBytes.most ? key : undefined;
}

/** A secret of these random bytes. */
export function secretOf(bytes: Uint8Array): string {
  return secretPrefix + Buffer.from(bytes).toString('base64');
}

/*
 * Secrets of webhooks, as Standard Webhooks writes them: `whsec_` and 24 to 64 random bytes in base64
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
 */

export const secretPrefix = 'whsec_';
/** Bytes of a secret. */
export const secretBytes = { least: 24, most: 64, made: 32 } as const;

/** The form of a secret: groups of three bytes, and one or two more, whose unused bits are 0. */
export const secretPattern =
  /^whsec_(?:[A-Za-z0-9+/]{4}){8}(?:(?:[A-Za-z0-9+/]{4}){0,13}(?:[A-Za-z0-9+/][AQgw]==)?|(?:[A-Za-z0-9+/]{4}){0,12}[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)$/;

/** The key in a secret; undefined unless it is 24 to 64 bytes in base64 after the prefix. */
export function secretKey(secret: string): Uint8Array | undefined {
  if (!secretPattern.test(secret)) return undefined;
  return Buffer.from(secret.slice(secretPrefix.length), 'base64');
}

/** A secret of these random bytes. */
export function secretOf(bytes: Uint8Array): string {
  return secretPrefix + Buffer.from(bytes).toString('base64');
}

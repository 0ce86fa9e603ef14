import { createHash, randomBytes } from 'node:crypto';

/** A key as it is told once, and the SHA-256 by which it is known afterwards, in hex. */
export interface NewKey {
  apiKey: string;
  sha256: string;
}

/** 256 random bits: nobody guesses it, so its hash needs no salt and no slowness. */
export function newApiKey(): NewKey {
  const apiKey = `sluice_${randomBytes(32).toString('base64url')}`;
  return { apiKey, sha256: createHash('sha256').update(apiKey).digest('hex') };
}

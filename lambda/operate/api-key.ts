import { createHash, randomBytes } from 'node:crypto';

/** A new key, shown once, and its SHA-256 in hex, which is stored. */
export interface NewKey {
  apiKey: string;
  sha256: string;
}

/** 256 random bits cannot be guessed, so the hash needs no salt and no slow function. */
export function newApiKey(): NewKey {
  const apiKey = `sluice_${randomBytes(32).toString('base64url')}`;
  return { apiKey, sha256: createHash('sha256').update(apiKey).digest('hex') };
}

import { createHash } from 'node:crypto';

/** SHA-256 of the API key in an Authorization header; undefined without a key. Keys are looked up by it, so that timing reveals nothing. */
export function bearerKeyDigest(authorization: string | undefined): Buffer | undefined {
  const key = /^Bearer +([\x21-\x7e]{1,512}) *$/i.exec(authorization ?? '')?.[1];
  return key === undefined ? undefined : createHash('sha256').update(key).digest();
}

/** What a request without a usable key is told, and its challenges. */
export const keyMissing = {
  detail: 'Send your API key as "Authorization: Bearer <key>".',
  challenge: 'Bearer realm="sluice"',
} as const;
export const keyRefused = {
  detail: 'This API key is unknown or revoked.',
  challenge: 'Bearer realm="sluice", error="invalid_token"',
} as const;

import { invalidArgument } from './errors.ts';
import type { S3Request } from './request.ts';

export interface ListParameters {
  prefix: string;
  delimiter: string | undefined;
  maxKeys: number;
  /** Encodes a key as requested. */
  encode(key: string): string;
  encodingType: string | undefined;
}

const maxPage = 1000;

/** @throws S3Error for an invalid number or encoding */
export function listParameters({ query }: S3Request): ListParameters {
  const encodingType = query.get('encoding-type') ?? undefined;
  if (encodingType !== undefined && encodingType !== 'url')
    throw invalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', encodingType);
  const maxKeys = query.get('max-keys') || String(maxPage);
  if (!/^\d{1,10}$/.test(maxKeys) || Number(maxKeys) > 2_147_483_647)
    throw invalidArgument('Provided max-keys not an integer or within integer range', 'max-keys', maxKeys);
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') || undefined,
    maxKeys: Math.min(Number(maxKeys), maxPage),
    encode: encodingType === 'url' ? encodeListed : (key) => key,
    encodingType,
  };
}

/** The common prefix that a key belongs to; undefined if it is listed itself. */
export function groupOf(key: string, { prefix, delimiter }: ListParameters): string | undefined {
  if (delimiter === undefined) return undefined;
  const end = key.indexOf(delimiter, prefix.length);
  return end < 0 ? undefined : key.slice(0, end + delimiter.length);
}

/** Form encoding, except for `/` and `*`, and including the tilde (minio/minio, cmd/api-utils.go, s3URLEncode). */
function encodeListed(key: string): string {
  return encodeURIComponent(key)
    .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%2F', '/')
    .replaceAll('%20', '+');
}

/** In S3's listings dates have whole seconds, as in Last-Modified. */
export function listedDate(ms: number): string {
  return new Date(Math.floor(ms / 1000) * 1000).toISOString();
}

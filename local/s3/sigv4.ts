import { createHmac, createSecretKey, hash, type KeyObject, timingSafeEqual } from 'node:crypto';
import { S3Error } from './errors.ts';
import { textOfHeader } from './request.ts';

/** The key pair that may sign requests, and its region. */
export interface S3Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  region: string;
}

export const algorithm = 'AWS4-HMAC-SHA256';

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

let known: { of: string; key: KeyObject } | undefined;

/** `date` is yyyymmdd. The last key is kept, as a KeyObject: with a buffer node:crypto takes six times as long. */
function signingKey({ secretAccessKey, region }: S3Credentials, date: string): KeyObject {
  const of = JSON.stringify([secretAccessKey, region, date]);
  if (known?.of !== of) {
    const key = hmac(hmac(hmac(hmac(`AWS4${secretAccessKey}`, date), region), 's3'), 'aws4_request');
    known = { of, key: createSecretKey(key) };
  }
  return known.key;
}

/** Hex signature of a string to sign (for a POST policy the base64 text itself). */
export function sign(credentials: S3Credentials, date: string, text: string): string {
  return createHmac('sha256', signingKey(credentials, date)).update(text).digest('hex');
}

/** Compares two signatures in constant time. */
export function isSameSignature(given: string, expected: string): boolean {
  const one = Buffer.from(given);
  const other = Buffer.from(expected);
  return one.length === other.length && timingSafeEqual(one, other);
}

/** RFC 3986, as SigV4 requires: encodes everything but the unreserved characters. */
export function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/**
 * The scope of `<access key>/<date>/<region>/s3/aws4_request`.
 * @returns its date, yyyymmdd
 * @throws S3Error for another key, region or service
 */
export function checkScope(credentials: S3Credentials, credential: string): string {
  const [accessKeyId, date = '', region, service, end, ...rest] = credential.split('/');
  if (accessKeyId !== credentials.accessKeyId)
    throw new S3Error(
      403,
      'InvalidAccessKeyId',
      'The AWS Access Key Id you provided does not exist in our records.',
      { AWSAccessKeyId: accessKeyId ?? '' },
    );
  if (region !== credentials.region || service !== 's3' || end !== 'aws4_request' || rest.length > 0)
    throw new S3Error(
      400,
      'AuthorizationQueryParametersError',
      `Error parsing the Credential; it must be for ${credentials.region}/s3/aws4_request`,
    );
  return date;
}

/** Milliseconds since the epoch of `yyyymmddThhmmssZ`; NaN for anything else. */
export function parseAmzDate(text: string): number {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (match === null) return Number.NaN;
  const [, year, month, day, hour, minute, second] = match;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

/** The signed parts of a request. `path` and query parameters are decoded, header names are in lower case. */
export interface SignedParts {
  method: string;
  path: string;
  query: readonly (readonly [string, string])[];
  headers: Record<string, string>;
  signedHeaders: readonly string[];
  payloadHash: string;
}

/** The string to sign of a request (SigV4; S3 encodes the path once and does not normalise it). */
export function stringToSign(parts: SignedParts, amzDate: string, region: string): string {
  const query = parts.query
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  const canonical = [
    parts.method,
    parts.path.split('/').map(encode).join('/'),
    query,
    ...parts.signedHeaders.map(
      (name) =>
        `${name}:${textOfHeader(parts.headers[name] ?? '')
          .trim()
          .replace(/ +/g, ' ')}`,
    ),
    '',
    parts.signedHeaders.join(';'),
    parts.payloadHash,
  ].join('\n');
  const digest = hash('sha256', canonical);
  return [algorithm, amzDate, `${amzDate.slice(0, 8)}/${region}/s3/aws4_request`, digest].join('\n');
}

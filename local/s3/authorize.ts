import { accessDenied, S3Error } from './errors.ts';
import type { S3Request } from './request.ts';
import {
  algorithm,
  checkScope,
  isSameSignature,
  parseAmzDate,
  type S3Credentials,
  sign,
  stringToSign,
} from './sigv4.ts';

/** Requests signed in their headers may be this far from our clock; S3 allows 15 minutes. */
const maxSkewMs = 15 * 60_000;
const maxExpiresSeconds = 7 * 24 * 3600;
const unsigned = 'UNSIGNED-PAYLOAD';

/**
 * Checks the signature of a request, in its query (presigned) or in its headers.
 * @returns the declared hash of the payload: 64 hex digits to be compared with the body, or a word of S3's
 * @throws S3Error with S3's own refusals
 */
export function authorize(request: S3Request, credentials: S3Credentials, now: number): string {
  if (request.query.has('X-Amz-Signature') || request.query.has('X-Amz-Algorithm'))
    return authorizeQuery(request, credentials, now);
  const header = request.headers.authorization;
  if (header === undefined) throw accessDenied();
  return authorizeHeader(request, header, credentials, now);
}

function authorizeQuery(request: S3Request, credentials: S3Credentials, now: number): string {
  const { query } = request;
  const given = (name: string): string => {
    const value = query.get(`X-Amz-${name}`);
    if (value !== null) return value;
    throw queryProblem(
      'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
    );
  };
  if (given('Algorithm') !== algorithm) throw queryProblem(`X-Amz-Algorithm only supports "${algorithm}"`);
  const amzDate = given('Date');
  const signedAt = parseAmzDate(amzDate);
  const expires = Number(given('Expires'));
  if (Number.isNaN(signedAt))
    throw queryProblem("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  if (!Number.isInteger(expires) || expires < 0) throw queryProblem('X-Amz-Expires should be a number');
  if (expires > maxExpiresSeconds)
    throw queryProblem('X-Amz-Expires must be less than a week (in seconds); that is 604800');
  if (now > signedAt + expires * 1000)
    throw new S3Error(403, 'AccessDenied', 'Request has expired', {
      'X-Amz-Expires': expires,
      Expires: new Date(signedAt + expires * 1000).toISOString(),
      ServerTime: new Date(now).toISOString(),
    });
  if (signedAt > now + maxSkewMs) throw accessDenied('Request is not valid yet');
  const date = checkScope(credentials, given('Credential'));
  if (date !== amzDate.slice(0, 8)) throw queryProblem('Invalid credential date. It must match X-Amz-Date.');
  const payloadHash =
    query.get('X-Amz-Content-Sha256') ?? request.headers['x-amz-content-sha256'] ?? unsigned;
  compare(request, credentials, amzDate, payloadHash, given('SignedHeaders').split(';'), given('Signature'));
  return payloadHash;
}

function authorizeHeader(
  request: S3Request,
  header: string,
  credentials: S3Credentials,
  now: number,
): string {
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^,]+),\s*SignedHeaders=([^,]+),\s*Signature=([0-9a-f]+)$/.exec(header);
  if (match === null)
    throw new S3Error(400, 'AuthorizationHeaderMalformed', 'The authorization header is malformed.');
  const [, credential = '', signedHeaders = '', signature = ''] = match;
  const amzDate = request.headers['x-amz-date'] ?? '';
  const signedAt = parseAmzDate(amzDate);
  if (Number.isNaN(signedAt))
    throw accessDenied('AWS authentication requires a valid Date or x-amz-date header');
  if (Math.abs(now - signedAt) > maxSkewMs)
    throw new S3Error(
      403,
      'RequestTimeTooSkewed',
      'The difference between the request time and the current time is too large.',
    );
  checkScope(credentials, credential);
  const payloadHash = request.headers['x-amz-content-sha256'];
  if (payloadHash === undefined)
    throw new S3Error(
      400,
      'InvalidRequest',
      'Missing required header for this request: x-amz-content-sha256',
    );
  compare(request, credentials, amzDate, payloadHash, signedHeaders.split(';'), signature);
  return payloadHash;
}

function compare(
  request: S3Request,
  credentials: S3Credentials,
  amzDate: string,
  payloadHash: string,
  signedHeaders: string[],
  signature: string,
): void {
  if (!signedHeaders.includes('host'))
    throw accessDenied('There were headers present in the request which were not signed');
  const text = stringToSign(
    {
      method: request.method,
      path: request.path,
      query: [...request.query].filter(([name]) => name !== 'X-Amz-Signature'),
      headers: request.headers,
      signedHeaders,
      payloadHash,
    },
    amzDate,
    credentials.region,
  );
  if (!isSameSignature(signature, sign(credentials, amzDate.slice(0, 8), text)))
    throw new S3Error(
      403,
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    );
}

function queryProblem(message: string): S3Error {
  return new S3Error(400, 'AuthorizationQueryParametersError', message);
}

import { accessDenied, invalidArgument, S3Error } from './errors.ts';
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

/** Largest clock skew of a request signed in its headers; S3 allows 15 minutes. */
const maxSkewMs = 15 * 60_000;
const maxExpiresSeconds = 7 * 24 * 3600;
const unsigned = 'UNSIGNED-PAYLOAD';

/**
 * Checks the signature of a request, in its query (presigned) or in its headers.
 * @returns the declared hash of the payload: 64 hex digits to compare with the body, or one of S3's constants
 * @throws S3Error as S3 does
 */
export function authorize(request: S3Request, credentials: S3Credentials, now: number): string {
  const { query, headers } = request;
  const presigned = query.has('X-Amz-Signature') || query.has('X-Amz-Algorithm');
  if (presigned || query.has('Signature')) refuseSecondSignature(request);
  // A session token with a key that has none.
  if (query.has('X-Amz-Security-Token') || headers['x-amz-security-token'] !== undefined)
    throw new S3Error(400, 'InvalidToken', 'The provided token is malformed or otherwise invalid.');
  if (presigned) return authorizeQuery(request, credentials, now);
  if (query.has('Signature')) throw unsupportedMechanism();
  if (headers.authorization === undefined) throw accessDenied();
  return authorizeHeader(request, headers.authorization, credentials, now);
}

/**
 * A request signed in its query or by the policy of its form has no Authorization header.
 * Text from catalyst/moodle-tool_objectfs#303 and danialfarid/ng-file-upload#382. @throws S3Error
 */
export function refuseSecondSignature({ headers: { authorization } }: S3Request): void {
  if (authorization !== undefined)
    throw invalidArgument(
      'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified',
      'Authorization',
      authorization,
    );
}

/** A scheme other than Signature Version 4. @throws S3Error */
export function refuseOtherScheme({ headers: { authorization } }: S3Request): void {
  if (authorization === undefined || authorization.startsWith(algorithm)) return;
  if (/^AWS /.test(authorization)) throw unsupportedMechanism();
  throw invalidArgument('Unsupported Authorization Type', 'Authorization', authorization);
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
  const expires = /^\d+$/.test(given('Expires')) ? Number(given('Expires')) : Number.NaN;
  if (Number.isNaN(signedAt))
    throw queryProblem("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  if (Number.isNaN(expires)) throw queryProblem('X-Amz-Expires should be a number');
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
  refuseOtherScheme(request);
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
  const unsignedHeaders = ['host', ...Object.keys(request.headers).filter(changesMeaning)].filter(
    (name) => !signedHeaders.includes(name),
  );
  if (unsignedHeaders.length > 0)
    throw accessDenied('There were headers present in the request which were not signed', {
      HeadersNotSigned: unsignedHeaders.join(', '),
    });
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

/**
 * Otherwise anyone could add headers to a presigned request: metadata, an ACL, another encryption. `x-amz-content-sha256`
 * is in the signed text anyway. Text from soto-project/soto#374 and brendanhay/amazonka#272.
 */
function changesMeaning(header: string): boolean {
  return header.startsWith('x-amz-') && header !== 'x-amz-content-sha256';
}

const unsupportedMechanism = () =>
  new S3Error(
    400,
    'InvalidRequest',
    `The authorization mechanism you have provided is not supported. Please use ${algorithm}.`,
  );

function queryProblem(message: string): S3Error {
  return new S3Error(400, 'AuthorizationQueryParametersError', message);
}

import { methodsAt } from '../domain/routes.ts';
import type { ApiRequest } from './request.ts';
import { requestHeaders } from './requests.ts';
import type { ApiResponse } from './response.ts';

/*
 * CORS in the function, not the gateway: API Gateway supports only one origin, and this works the same on AWS,
 * LocalStack and locally. There are no cookies: the API key protects the data, not the origin.
 */

/** Request headers that a page may send; `*` does not include Authorization. */
const sentHeaders = ['Authorization', 'Content-Type', ...Object.keys(requestHeaders)].sort();

/** What scripts may read of an answer beyond what every page may. */
export const exposedHeaders: readonly string[] = [
  'ETag',
  'Idempotency-Replayed',
  'Location',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'WWW-Authenticate',
  'x-amzn-Remapped-WWW-Authenticate',
  'x-amzn-RequestId',
];

/** Browsers ask again after this long; Chromium takes no more than two hours. */
const preflightSeconds = 7_200;

/** Headers that let the page of a request read its answer. None where its origin is not among `origins`. */
export function crossOriginHeaders(request: ApiRequest, origins: readonly string[]): Record<string, string> {
  const exposed = { 'Access-Control-Expose-Headers': exposedHeaders.join(', ') };
  if (origins.includes('*')) return { 'Access-Control-Allow-Origin': '*', ...exposed };
  const origin = request.headers.get('origin') ?? '';
  const known = origins.some((pattern) => matches(pattern, origin));
  // A cache must not give one page the answer that names another.
  return { Vary: 'Origin', ...(known ? { 'Access-Control-Allow-Origin': origin, ...exposed } : {}) };
}

/** The answer to OPTIONS of a known resource: what it takes, and to a browser's preflight what a page may send it. */
export function optionsAnswer(request: ApiRequest): ApiResponse {
  const methods = methodsAt(request.resource).join(', ');
  const preflight = request.headers.has('access-control-request-method')
    ? {
        'Access-Control-Allow-Methods': methods,
        'Access-Control-Allow-Headers': sentHeaders.join(', '),
        'Access-Control-Max-Age': String(preflightSeconds),
      }
    : {};
  return { status: 204, headers: { Allow: methods, ...preflight }, body: '' };
}

/** As in a CORS rule of S3, which has the same list: at most one `*`, for any text. */
function matches(pattern: string, origin: string): boolean {
  const [before = '', after] = pattern.split('*', 2);
  if (after === undefined) return pattern === origin;
  return origin.length >= before.length + after.length && origin.startsWith(before) && origin.endsWith(after);
}

import { originHeaders } from '../../domain/origins.ts';
import { methodsAt } from '../../domain/routes.ts';
import { requestHeaders } from '../schemas/requests.ts';
import type { ApiRequest } from './request.ts';
import type { ApiResponse } from './response.ts';

/*
 * CORS in the function, not the gateway: API Gateway supports only one origin, and this works the same on AWS,
 * LocalStack and locally. There are no cookies: the API key protects the data, not the origin.
 */

/** Request headers that a page may send; `*` does not include Authorization. */
const sentHeaders = ['Authorization', 'Content-Type', ...Object.keys(requestHeaders)].sort();

/** Response headers that scripts may read besides the safelisted ones. */
export const exposedHeaders: readonly string[] = [
  'Content-Disposition',
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

/** Browsers cache a preflight this long; Chromium at most two hours. */
const preflightSeconds = 7_200;

/** Headers that let pages of `origins` read the response. */
export function crossOriginHeaders(request: ApiRequest, origins: readonly string[]): Record<string, string> {
  return originHeaders(request.headers.get('origin') ?? '', origins, exposedHeaders);
}

/** The response to OPTIONS: the methods of a resource, and in a preflight also the headers that a page may send. */
export function optionsResponse(request: ApiRequest): ApiResponse {
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

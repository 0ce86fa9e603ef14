import type { ServerResponse } from 'node:http';
import { S3Error } from './errors.ts';
import type { S3Request } from './request.ts';

/** The CORS rule of the bucket. Origins are exact, or `*`; header names in lower case, or `*`. */
export interface CorsRule {
  allowedOrigins: readonly string[];
  allowedMethods: readonly string[];
  allowedHeaders: readonly string[];
  exposeHeaders: readonly string[];
  maxAgeSeconds: number;
}

/** Sets the headers for a request from another origin, where the rule allows it. */
export function addCorsHeaders(request: S3Request, response: ServerResponse, rule: CorsRule): void {
  const { origin } = request.headers;
  if (origin === undefined || !allows(rule, origin, request.method)) return;
  setHeaders(response, origin, rule);
  if (rule.exposeHeaders.length > 0)
    response.setHeader('access-control-expose-headers', rule.exposeHeaders.join(', '));
}

/** Responds to a preflight request. @throws S3Error as S3 does */
export function respondToPreflight(request: S3Request, response: ServerResponse, rule: CorsRule): void {
  const { origin } = request.headers;
  const method = request.headers['access-control-request-method'];
  if (origin === undefined)
    throw new S3Error(400, 'BadRequest', 'Insufficient information. Origin request header needed.');
  if (method === undefined)
    throw new S3Error(400, 'BadRequest', 'Invalid Access-Control-Request-Method: null');
  const wanted = (request.headers['access-control-request-headers'] ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter(Boolean);
  const refused = wanted.some(
    (name) => !rule.allowedHeaders.includes('*') && !rule.allowedHeaders.includes(name),
  );
  if (refused || !allows(rule, origin, method))
    throw new S3Error(
      403,
      'AccessForbidden',
      "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.",
    );
  setHeaders(response, origin, rule);
  response.setHeader('access-control-max-age', rule.maxAgeSeconds);
  if (wanted.length > 0) response.setHeader('access-control-allow-headers', wanted.join(', '));
  response.writeHead(200).end();
}

function allows(rule: CorsRule, origin: string, method: string): boolean {
  const known = rule.allowedOrigins.includes('*') || rule.allowedOrigins.includes(origin);
  return known && rule.allowedMethods.includes(method);
}

function setHeaders(response: ServerResponse, origin: string, rule: CorsRule): void {
  const any = rule.allowedOrigins.includes('*');
  response.setHeader('access-control-allow-origin', any ? '*' : origin);
  response.setHeader('access-control-allow-methods', rule.allowedMethods.join(', '));
  response.setHeader('vary', 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method');
}

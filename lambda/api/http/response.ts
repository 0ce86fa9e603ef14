import type { APIGatewayProxyResult } from 'aws-lambda';

/** A response. A Buffer is a binary body. */
export interface ApiResponse {
  status: number;
  headers: Record<string, string>;
  body: string | Buffer;
}

/** A JSON response, not cached unless `headers` allow it. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): ApiResponse {
  return jsonText(status, JSON.stringify(body), headers);
}

/** The same for serialised JSON. */
export function jsonText(status: number, body: string, headers: Record<string, string> = {}): ApiResponse {
  return {
    status,
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', ...headers },
    body,
  };
}

/** The proxy result of REST API v1, with binary bodies in base64. */
export function proxyResult({ status, headers, body }: ApiResponse): APIGatewayProxyResult {
  const binary = typeof body !== 'string';
  return {
    statusCode: status,
    headers: { 'X-Content-Type-Options': 'nosniff', ...headers },
    body: binary ? body.toString('base64') : body,
    isBase64Encoded: binary,
  };
}

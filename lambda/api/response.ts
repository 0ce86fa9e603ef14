import type { APIGatewayProxyResult } from 'aws-lambda';

/** An answer before it is put into API Gateway's shape. A Buffer is a binary body. */
export interface ApiResponse {
  status: number;
  headers: Record<string, string>;
  body: string | Buffer;
}

/** A JSON answer. Nothing between here and the client keeps it, unless the headers say so. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): ApiResponse {
  return jsonText(status, JSON.stringify(body), headers);
}

/** The same for a body that is text already. */
export function jsonText(status: number, body: string, headers: Record<string, string> = {}): ApiResponse {
  return {
    status,
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', ...headers },
    body,
  };
}

/** The proxy result of REST API v1, in which binary bodies travel as base64. */
export function proxyResult({ status, headers, body }: ApiResponse): APIGatewayProxyResult {
  const binary = typeof body !== 'string';
  return {
    statusCode: status,
    headers: { 'X-Content-Type-Options': 'nosniff', ...headers },
    body: binary ? body.toString('base64') : body,
    isBase64Encoded: binary,
  };
}

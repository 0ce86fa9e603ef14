import { createHash } from 'node:crypto';
import { type ApiRequest, headerOf } from './request.ts';
import type { ApiResponse } from './response.ts';

/** Sets the ETag, and returns 304 if If-None-Match matches. @param essence input of the ETag, by default the body */
export function conditional(
  request: ApiRequest,
  response: ApiResponse,
  essence: string | Buffer = response.body,
): ApiResponse {
  const etag = `"${createHash('sha256').update(essence).digest('base64url').slice(0, 27)}"`;
  const headers = { ...response.headers, ETag: etag, 'Cache-Control': 'private, no-cache' };
  if (!matches(headerOf(request, 'If-None-Match'), etag)) return { ...response, headers };
  const { 'Content-Type': _, ...kept } = headers as Record<string, string>;
  return { status: 304, headers: kept, body: '' };
}

/** If-None-Match compares weakly (RFC 9110, 13.1.2): proxies that compress turn an ETag into a weak one. */
function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((part) => part.trim() === '*' || part.trim().replace(/^W\//, '') === etag);
}

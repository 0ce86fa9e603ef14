import { createHash } from 'node:crypto';
import { type ApiRequest, headerOf } from './request.ts';
import type { ApiResponse } from './response.ts';

/**
 * The ETag of a representation. With a revision, which edits alone raise, it begins with that: If-None-Match compares the
 * whole of it, If-Match only the revision (precondition.ts).
 * @param essence all that may change in it
 */
export function etagOf(essence: string | Buffer, revision?: number): string {
  const hash = createHash('sha256').update(essence).digest('base64url').slice(0, 27);
  return revision === undefined ? `"${hash}"` : `"${revision}-${hash}"`;
}

/** Sets the ETag, by default that of the body, and returns 304 if If-None-Match matches. */
export function conditional(
  request: ApiRequest,
  response: ApiResponse,
  etag: string = etagOf(response.body),
): ApiResponse {
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

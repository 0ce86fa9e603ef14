import type { IncomingMessage } from 'node:http';
import { S3Error } from './errors.ts';

export interface S3Request {
  id: string;
  method: string;
  /** Decoded path, with the leading slash. */
  path: string;
  bucket: string;
  /** Empty for a request to the bucket itself. */
  key: string;
  query: URLSearchParams;
  /** Lower-case names; several values of one name are joined by a comma. */
  headers: Record<string, string>;
  body: IncomingMessage;
}

/** Parses a request (path-style addresses). @throws S3Error for a path that is not UTF-8 when decoded. */
export function parseRequest(incoming: IncomingMessage, id: string): S3Request {
  const [rawPath = '/', rawQuery = ''] = splitOnce(incoming.url ?? '/', '?');
  let path: string;
  try {
    path = decodeURIComponent(rawPath);
  } catch {
    throw new S3Error(400, 'InvalidURI', "Couldn't parse the specified URI.");
  }
  const [bucket, key] = splitOnce(path.slice(1), '/');
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers))
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(',') : value;
  return {
    id,
    method: incoming.method ?? 'GET',
    path,
    bucket,
    key,
    // In a signed query a plus is a plus; a space is %20.
    query: new URLSearchParams(rawQuery.replaceAll('+', '%2B')),
    headers,
    body: incoming,
  };
}

/** A header, or the query parameter of the same name: presigning moves `x-amz-` headers into the query. */
export function parameter({ headers, query }: S3Request, name: string): string | undefined {
  if (headers[name] !== undefined) return headers[name];
  if (!name.startsWith('x-amz-')) return undefined;
  for (const [given, value] of query) if (given.toLowerCase() === name) return value;
  return undefined;
}

/** A header's value: Node.js decodes its bytes as Latin-1, S3 as UTF-8 where they are valid UTF-8. */
export function textOfHeader(value: string): string {
  const bytes = Buffer.from(value, 'latin1');
  const text = bytes.toString();
  return Buffer.from(text).equals(bytes) ? text : value;
}

function splitOnce(text: string, separator: string): [string, string] {
  const index = text.indexOf(separator);
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + separator.length)];
}

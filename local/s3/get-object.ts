import type { FileHandle } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { allowsRange, evaluateReadConditions } from './conditions.ts';
import type { S3Context } from './context.ts';
import { findVersion, versionHeader } from './find-version.ts';
import { type ByteRange, readRange } from './range.ts';
import { parameter, type S3Request } from './request.ts';
import type { ObjectStore } from './store/open-store.ts';
import type { Version } from './store/version.ts';
import { checkHeaderValue, sentHeaders } from './stored-headers.ts';

/** Parameters with which a signed request overrides headers of the response. */
const overrides = [
  'content-type',
  'content-language',
  'expires',
  'cache-control',
  'content-disposition',
  'content-encoding',
];

export async function getObject(
  request: S3Request,
  response: ServerResponse,
  context: S3Context,
): Promise<void> {
  const { index } = context.store;
  const { version, body } = await openVersion(request, context.store);
  try {
    const headers = {
      etag: `"${version.eTag}"`,
      'last-modified': new Date(version.modified).toUTCString(),
      ...versionHeader(index, request.bucket, version),
    };
    if (evaluateReadConditions(request.headers, version) === 'not modified') {
      response.writeHead(304, headers).end();
      return;
    }
    const wanted = allowsRange(request.headers, version) ? request.headers.range : undefined;
    const range = readRange(wanted, version.bytes);
    const { start, end } = range ?? { start: 0, end: version.bytes - 1 };
    response.writeHead(range === undefined ? 200 : 206, {
      'accept-ranges': 'bytes',
      ...headers,
      ...sentHeaders(version.properties.headers),
      ...rangeHeaders(range, version),
      ...checksumHeaders(request, version, range),
      ...overridden(request),
      'content-length': end - start + 1,
    });
    if (request.method === 'HEAD' || version.bytes === 0) response.end();
    else if (Buffer.isBuffer(body)) response.end(body.subarray(start, end + 1));
    else await pipeline(body.createReadStream({ start, end, autoClose: false }), response);
  } finally {
    if (!Buffer.isBuffer(body)) await body.close();
  }
}

/** A version with its bytes or its open file. One that is deleted between the look-up and the opening is looked up again. */
async function openVersion(
  request: S3Request,
  store: ObjectStore,
): Promise<{ version: Version; body: Buffer | FileHandle }> {
  const version = findVersion(request, store.index);
  try {
    return { version, body: await store.bodies.open(version.body) };
  } catch (error) {
    if (findVersion(request, store.index).sequence === version.sequence) throw error;
    return openVersion(request, store);
  }
}

function rangeHeaders(range: ByteRange | undefined, { bytes }: Version): Record<string, string> {
  return range === undefined ? {} : { 'content-range': `bytes ${range.start}-${range.end}/${bytes}` };
}

/** Returned on request, and for whole objects only. */
function checksumHeaders(
  request: S3Request,
  { properties: { checksum } }: Version,
  range: ByteRange | undefined,
): Record<string, string> {
  const mode = parameter(request, 'x-amz-checksum-mode')?.toUpperCase();
  if (checksum === undefined || mode !== 'ENABLED' || range !== undefined) return {};
  return {
    [`x-amz-checksum-${checksum.algorithm}`]: checksum.value,
    'x-amz-checksum-type': 'FULL_OBJECT',
  };
}

/** @throws S3Error for an invalid header value */
function overridden({ query }: S3Request): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of overrides) {
    const value = query.get(`response-${name}`);
    if (value === null) continue;
    checkHeaderValue(`response-${name}`, value);
    headers[name] = value;
  }
  return headers;
}

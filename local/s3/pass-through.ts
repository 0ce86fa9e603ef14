import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { EdgeParts } from './edge-parts.ts';
import { S3Error } from './errors.ts';
import { receiveBody } from './put-object.ts';
import { type EdgeRequest, parameter } from './request.ts';
import { readText } from './upstream.ts';

const forwarded = [
  'range',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
  'x-amz-checksum-mode',
  'content-type',
  'x-amz-checksum-algorithm',
];
/** Parameters with which a signed GET overrides headers of the answer. */
const overrides = [
  'content-type',
  'content-language',
  'expires',
  'cache-control',
  'content-disposition',
  'content-encoding',
];
/** Of the connection between us and fauxqs, not of the answer. */
const dropped = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'date',
  'x-amz-request-id',
  'x-amz-id-2',
]);

/** GET, HEAD, DELETE, lists and multipart uploads: checked by now, the rest is what fauxqs does with them. */
export async function passThrough(
  request: EdgeRequest,
  response: ServerResponse,
  parts: EdgeParts,
  payloadHash: string,
): Promise<void> {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  const body =
    length !== undefined || encoding !== undefined
      ? await receiveBody(request, parts, payloadHash)
      : undefined;
  try {
    const headers: Record<string, string | number> = {};
    const metadata = Object.keys(request.headers).filter((name) => name.startsWith('x-amz-meta-'));
    for (const name of [...forwarded, ...metadata]) {
      const value = parameter(request, name);
      if (value !== undefined) headers[name] = value;
    }
    if (body !== undefined) headers['content-length'] = body.spool.bytes;
    if (body?.checksum !== undefined)
      headers[`x-amz-checksum-${body.checksum.algorithm}`] = body.checksum.value;
    const target = `${request.rawPath}${ownQuery(request.query)}`;
    const answer = await parts.upstream.send(request.method, target, headers, body?.spool.read());
    copyHeaders(answer.headers, request, response);
    if (request.method === 'POST' && request.query.has('uploadId') && answer.statusCode === 200) {
      const text = await readText(answer);
      await announceUpload(request, parts, text);
      response.writeHead(200).end(text);
      return;
    }
    response.writeHead(answer.statusCode ?? 502);
    await pipeline(answer, response);
  } finally {
    await body?.spool.discard();
  }
}

function copyHeaders(
  headers: Record<string, string | string[] | undefined>,
  request: EdgeRequest,
  response: ServerResponse,
): void {
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined && !dropped.has(name)) response.setHeader(name, value);
  if (request.method !== 'GET') return;
  for (const name of overrides) {
    const value = request.query.get(`response-${name}`);
    if (value !== null) response.setHeader(name, value);
  }
}

/** The query without what belongs to the signature. */
function ownQuery(query: URLSearchParams): string {
  const own = [...query].filter(
    ([name]) => !name.toLowerCase().startsWith('x-amz-') && !name.startsWith('response-'),
  );
  const text = own
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
  return text === '' ? '' : `?${text}`;
}

async function announceUpload(request: EdgeRequest, parts: EdgeParts, xml: string): Promise<void> {
  const head = await parts.upstream.head(request.rawPath);
  if (head === undefined) throw new S3Error(500, 'InternalError', `The upload was not completed: ${xml}`);
  await parts.onCreated({
    by: 'CompleteMultipartUpload',
    bucket: request.bucket,
    key: request.key,
    size: Number(head['content-length']),
    eTag: (head.etag ?? '').replaceAll('"', ''),
    requestId: request.id,
    region: parts.credentials.region,
  });
}

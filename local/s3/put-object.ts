import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { AwsChunkedDecoder } from './aws-chunked.ts';
import { type Checksum, declaredChecksum } from './checksums.ts';
import type { EdgeParts } from './edge-parts.ts';
import { S3Error } from './errors.ts';
import { type EdgeRequest, parameter } from './request.ts';
import { Spool } from './spool.ts';
import { storeObject } from './store.ts';

/** S3's largest single PUT is 5 GB; nobody needs that here, and fauxqs takes 128 MiB. */
const maxBytes = 128 * 1024 * 1024;
const keptHeaders = ['content-type', 'content-language', 'content-disposition', 'cache-control'];

/** PUT of an object. `payloadHash` is what the signature covers: hex of its SHA-256, or a word of S3's. */
export async function putObject(
  request: EdgeRequest,
  response: ServerResponse,
  parts: EdgeParts,
  payloadHash: string,
): Promise<void> {
  const ifNoneMatch = request.headers['if-none-match'];
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*')
    throw new S3Error(
      501,
      'NotImplemented',
      'A header you provided implies functionality that is not implemented.',
      {
        Header: 'If-None-Match',
      },
    );
  const body = await receiveBody(request, parts, payloadHash);
  try {
    const { spool, checksum } = body;
    const by = 'Put';
    const headers = objectHeaders(request);
    const key = request.key;
    const eTag = await storeObject(request, parts, {
      key,
      spool,
      headers,
      checksum,
      onlyNew: ifNoneMatch === '*',
      by,
    });
    response.setHeader('etag', eTag);
    if (checksum !== undefined) {
      response.setHeader(`x-amz-checksum-${checksum.algorithm}`, checksum.value);
      response.setHeader('x-amz-checksum-type', 'FULL_OBJECT');
    }
    response.writeHead(200).end();
  } finally {
    await body.spool.discard();
  }
}

function objectHeaders(request: EdgeRequest): Record<string, string> {
  const names = [
    ...Object.keys(request.headers),
    ...[...request.query.keys()].map((name) => name.toLowerCase()),
  ];
  const kept = names.filter((name) => keptHeaders.includes(name) || name.startsWith('x-amz-meta-'));
  const headers = Object.fromEntries(kept.map((name) => [name, parameter(request, name) ?? '']));
  const encoding = (request.headers['content-encoding'] ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '' && one !== 'aws-chunked');
  return encoding.length === 0 ? headers : { ...headers, 'content-encoding': encoding.join(',') };
}

/**
 * Takes the body in and checks it against everything that was said of it: length, the signed hash, a checksum
 * in a header or a trailer. @throws S3Error when one of them is wrong; nothing is kept then
 */
export async function receiveBody(
  request: EdgeRequest,
  parts: EdgeParts,
  payloadHash: string,
): Promise<{ spool: Spool; checksum: Checksum | undefined }> {
  const chunked = payloadHash.startsWith('STREAMING-');
  if (chunked && payloadHash !== 'STREAMING-UNSIGNED-PAYLOAD-TRAILER')
    throw new S3Error(501, 'NotImplemented', `This S3 does not verify signed chunks (${payloadHash}).`);
  const declared = request.headers[chunked ? 'x-amz-decoded-content-length' : 'content-length'];
  if (declared === undefined)
    throw new S3Error(411, 'MissingContentLength', 'You must provide the Content-Length HTTP header.');
  if (Number(declared) > maxBytes) throw tooLarge(Number(declared));
  const early = declaredChecksum((name) => parameter(request, name));
  const spool = new Spool(parts.spoolFolder, early === undefined ? [] : [early.algorithm]);
  try {
    const decoder = chunked ? new AwsChunkedDecoder() : undefined;
    await fill(spool, decoder === undefined ? request.body : pipe(request.body, decoder));
    if (spool.bytes !== Number(declared))
      throw new S3Error(
        400,
        'IncompleteBody',
        'You did not provide the number of bytes specified by the Content-Length HTTP header.',
      );
    if (/^[0-9a-f]{64}$/.test(payloadHash) && payloadHash !== spool.digests.sha256Hex)
      throw new S3Error(
        400,
        'XAmzContentSHA256Mismatch',
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
        {
          ClientComputedContentSHA256: payloadHash,
          S3ComputedContentSHA256: spool.digests.sha256Hex,
        },
      );
    const checksum = early ?? declaredChecksum((name) => decoder?.trailers[name]);
    if (checksum !== undefined) spool.digests.verify(checksum);
    return { spool, checksum };
  } catch (error) {
    await spool.discard();
    throw error;
  }
}

function pipe(body: Readable, decoder: AwsChunkedDecoder): Readable {
  body.once('error', (error) => decoder.destroy(error));
  return body.pipe(decoder);
}

async function fill(spool: Spool, body: Readable): Promise<void> {
  // Left undestroyed when it is refused: the answer goes over the same connection.
  for await (const chunk of body.iterator({ destroyOnReturn: false })) {
    if (spool.bytes + (chunk as Buffer).length > maxBytes) throw tooLarge(spool.bytes);
    await spool.write(chunk as Buffer);
  }
}

function tooLarge(bytes: number): S3Error {
  return new S3Error(400, 'EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', {
    ProposedSize: bytes,
    MaxSizeAllowed: maxBytes,
  });
}

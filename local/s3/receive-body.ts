import type { Readable } from 'node:stream';
import { AwsChunkedDecoder } from './aws-chunked.ts';
import { type Checksum, declaredChecksum, declaredMd5 } from './checksums.ts';
import type { S3Context } from './context.ts';
import { invalidArgument, S3Error } from './errors.ts';
import { parameter, type S3Request } from './request.ts';
import { Spool } from './spool.ts';

/** S3's largest single PUT is 5 GB; originals have at most 100 MB (`limits.maxBytes`). */
export const maxBytes = 128 * 1024 * 1024;

export interface ReceivedBody {
  spool: Spool;
  checksum: Checksum | undefined;
}

/**
 * Receives the body and checks it against everything the request declares: length, the signed hash, Content-MD5, a
 * checksum in a header or a trailer. @throws S3Error if one does not match; nothing is kept then
 */
export async function receiveBody(
  request: S3Request,
  { spoolFolder }: Pick<S3Context, 'spoolFolder'>,
  payloadHash: string,
): Promise<ReceivedBody> {
  const chunked = payloadHash.startsWith('STREAMING-');
  if (chunked && payloadHash !== 'STREAMING-UNSIGNED-PAYLOAD-TRAILER')
    throw new S3Error(501, 'NotImplemented', `This S3 does not verify signed chunks (${payloadHash}).`);
  const declared = declaredLength(request, chunked);
  const md5 = declaredMd5(request.headers['content-md5']);
  const early = declaredChecksum((name) => parameter(request, name));
  const trailing = trailingAlgorithm(request);
  const spool = new Spool(
    spoolFolder,
    [early?.algorithm ?? trailing].filter((one) => one !== undefined),
  );
  try {
    const decoder = chunked ? new AwsChunkedDecoder() : undefined;
    await fill(spool, decoder === undefined ? request.body : pipe(request.body, decoder));
    if (spool.bytes !== declared)
      throw new S3Error(
        400,
        'IncompleteBody',
        'You did not provide the number of bytes specified by the Content-Length HTTP header',
      );
    checkSignedHash(payloadHash, spool.digests.sha256Hex);
    spool.digests.verifyMd5(md5);
    const checksum = early ?? declaredChecksum((name) => decoder?.trailers[name]);
    if (checksum === undefined && trailing !== undefined)
      throw new S3Error(
        400,
        'MalformedTrailerError',
        'The request contained trailing data that was not well-formed or did not conform to our published schema.',
      );
    if (checksum !== undefined) spool.digests.verify(checksum);
    return { spool, checksum };
  } catch (error) {
    await spool.discard();
    throw error;
  }
}

function declaredLength({ headers }: S3Request, chunked: boolean): number {
  const declared = headers[chunked ? 'x-amz-decoded-content-length' : 'content-length'];
  if (declared === undefined)
    throw new S3Error(411, 'MissingContentLength', 'You must provide the Content-Length HTTP header.');
  if (!/^\d+$/.test(declared))
    throw invalidArgument(
      'The decoded content length is no number',
      'x-amz-decoded-content-length',
      declared,
    );
  if (Number(declared) > maxBytes) throw tooLarge(Number(declared));
  return Number(declared);
}

/** The algorithm of a checksum in a trailer. */
function trailingAlgorithm({ headers }: S3Request): Checksum['algorithm'] | undefined {
  const name = /^x-amz-checksum-(crc32|crc32c|sha1|sha256)$/i.exec(headers['x-amz-trailer'] ?? '')?.[1];
  return name?.toLowerCase() as Checksum['algorithm'] | undefined;
}

function checkSignedHash(signed: string, computed: string): void {
  if (/^[0-9a-f]{64}$/.test(signed) && signed !== computed)
    throw new S3Error(
      400,
      'XAmzContentSHA256Mismatch',
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
      { ClientComputedContentSHA256: signed, S3ComputedContentSHA256: computed },
    );
}

function pipe(body: Readable, decoder: AwsChunkedDecoder): Readable {
  body.once('error', (error) => decoder.destroy(error));
  return body.pipe(decoder);
}

/** Not destroyed when it is refused: the response uses the same connection. */
function fill(spool: Spool, body: Readable): Promise<void> {
  return new Promise((done, fail) => {
    const refuse = (error: unknown) => {
      body.off('data', take);
      body.pause();
      fail(error);
    };
    const take = (chunk: Buffer) => {
      if (spool.bytes + chunk.length > maxBytes) return refuse(tooLarge(spool.bytes));
      const written = spool.write(chunk);
      if (written === undefined) return;
      body.pause();
      written.then(() => body.resume(), refuse);
    };
    body.on('data', take);
    body.once('end', done);
    body.once('error', fail);
    body.once('close', () => {
      if (!body.readableEnded) fail(new Error('The client has disconnected.'));
    });
  });
}

export function tooLarge(bytes: number): S3Error {
  return new S3Error(400, 'EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', {
    ProposedSize: bytes,
    MaxSizeAllowed: maxBytes,
  });
}

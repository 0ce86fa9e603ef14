import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { Rejection, TransientFailure } from '../domain/failure.ts';
import { base64OfHex } from './checksum.ts';
import { isMissing, options, storageUnavailable } from './storage-fault.ts';

/** What HEAD tells of an original: its size in bytes and the content type that it was uploaded with. */
export interface OriginalHead {
  bytes: number;
  contentType?: string;
}

/** An original as it is put: sha256 in hex, which S3 checks against the bytes that reach it. */
export interface NewOriginal {
  key: string;
  bytes: Uint8Array;
  contentType: string;
  sha256: string;
}

/** Looks an original up without reading it; undefined where there is none. */
export async function headOriginal(
  client: S3Client,
  bucketName: string,
  key: string,
  signal?: AbortSignal,
): Promise<OriginalHead | undefined> {
  try {
    const command = new HeadObjectCommand({ Bucket: bucketName, Key: key });
    const head = await client.send(command, options(signal));
    return {
      bytes: head.ContentLength ?? 0,
      ...(head.ContentType === undefined ? {} : { contentType: head.ContentType }),
    };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw storageUnavailable('HEAD original', error, signal);
  }
}

/** One version of an original. Without a version the newest one is meant. */
export interface OriginalVersion {
  key: string;
  version?: string | undefined;
}

/**
 * Reads an original whole. The signal bounds the body too, which may trickle in for as long as its sender likes.
 * @throws Rejection `file_too_large` when it announces or sends more than `maxBytes`; nothing beyond is read.
 * @throws TransientFailure `internal` when it is not there, `out_of_time` at the signal, `storage_unavailable` for any other fault.
 */
export async function getOriginal(
  client: S3Client,
  bucketName: string,
  { key, version }: OriginalVersion,
  maxBytes: number,
  signal?: AbortSignal,
): Promise<Buffer> {
  try {
    const command = new GetObjectCommand({ Bucket: bucketName, Key: key, VersionId: version });
    const { Body, ContentLength } = await client.send(command, options(signal));
    const stream = Body as Body | undefined;
    if ((ContentLength ?? 0) > maxBytes) {
      stream?.destroy();
      throw tooLarge(maxBytes);
    }
    return stream === undefined ? Buffer.alloc(0) : await readWhole(stream, maxBytes);
  } catch (error) {
    if (error instanceof Rejection) throw error;
    if (isMissing(error))
      throw new TransientFailure('internal', 'the original is not there', { cause: error });
    throw storageUnavailable('GET original', error, signal);
  }
}

type Body = AsyncIterable<Uint8Array> & { destroy(): void };

async function readWhole(stream: Body, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop early destroys the stream and with it the socket. So does the signal, which the SDK heeds to the end.
  for await (const chunk of stream) {
    length += chunk.byteLength;
    if (length > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

/**
 * Puts an original that came in as a request body. The same bytes under the same key may be put again.
 * @returns the version that it became; undefined where the bucket keeps none.
 */
export async function putOriginal(
  client: S3Client,
  bucketName: string,
  original: NewOriginal,
  signal?: AbortSignal,
): Promise<string | undefined> {
  try {
    const { VersionId } = await client.send(
      new PutObjectCommand({
        Bucket: bucketName,
        Key: original.key,
        Body: original.bytes,
        ContentType: original.contentType,
        ContentLength: original.bytes.byteLength,
        ChecksumSHA256: base64OfHex(original.sha256),
      }),
      options(signal),
    );
    return VersionId;
  } catch (error) {
    throw storageUnavailable('PUT original', error, signal);
  }
}

function tooLarge(maxBytes: number): Rejection {
  return new Rejection('file_too_large', `The file is larger than the ${maxBytes} bytes allowed.`);
}

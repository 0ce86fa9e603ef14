import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { Rejection, TransientFailure } from '../domain/failure.ts';
import { base64OfHex } from './checksum.ts';
import { isMissing, storageAway } from './storage-fault.ts';

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
): Promise<OriginalHead | undefined> {
  try {
    const head = await client.send(new HeadObjectCommand({ Bucket: bucketName, Key: key }));
    return {
      bytes: head.ContentLength ?? 0,
      ...(head.ContentType === undefined ? {} : { contentType: head.ContentType }),
    };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw storageAway('HEAD original', error);
  }
}

/**
 * Reads an original whole.
 * @throws Rejection `file_too_large` when it announces or sends more than `maxBytes`; nothing beyond is read.
 * @throws TransientFailure `internal` when it is not there, `storage_away` for any other fault.
 */
export async function getOriginal(
  client: S3Client,
  bucketName: string,
  key: string,
  maxBytes: number,
): Promise<Buffer> {
  try {
    const { Body, ContentLength } = await client.send(new GetObjectCommand({ Bucket: bucketName, Key: key }));
    const stream = Body as (AsyncIterable<Uint8Array> & { destroy(): void }) | undefined;
    if ((ContentLength ?? 0) > maxBytes) {
      stream?.destroy();
      throw tooLarge(maxBytes);
    }
    const chunks: Uint8Array[] = [];
    let length = 0;
    // Leaving the loop early destroys the stream and with it the socket.
    for await (const chunk of stream ?? []) {
      length += chunk.byteLength;
      if (length > maxBytes) throw tooLarge(maxBytes);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks, length);
  } catch (error) {
    if (error instanceof Rejection) throw error;
    if (isMissing(error))
      throw new TransientFailure('internal', 'the original is not there', { cause: error });
    throw storageAway('GET original', error);
  }
}

/** Puts an original that came in as a request body. The same bytes under the same key may be put again. */
export async function putOriginal(
  client: S3Client,
  bucketName: string,
  original: NewOriginal,
): Promise<void> {
  try {
    await client.send(
      new PutObjectCommand({
        Bucket: bucketName,
        Key: original.key,
        Body: original.bytes,
        ContentType: original.contentType,
        ContentLength: original.bytes.byteLength,
        ChecksumSHA256: base64OfHex(original.sha256),
      }),
    );
  } catch (error) {
    throw storageAway('PUT original', error);
  }
}

function tooLarge(maxBytes: number): Rejection {
  return new Rejection('file_too_large', `The file is larger than the ${maxBytes} bytes allowed.`);
}

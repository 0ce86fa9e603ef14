import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { Rejection, TransientFailure } from '../domain/failure.ts';
import { base64OfHex } from './checksum.ts';
import type { BucketAccess } from './storage-client.ts';
import { isMissing, options, storageFault } from './storage-fault.ts';

/** HEAD of an original: size in bytes and uploaded content type. */
export interface OriginalHead {
  bytes: number;
  contentType?: string;
}

/** An original to store: sha256 in hex, which S3 verifies. */
export interface NewOriginal {
  key: string;
  bytes: Uint8Array;
  contentType: string;
  sha256: string;
}

/** One version of an original; by default the newest. */
export interface OriginalVersion {
  key: string;
  version?: string | undefined;
}

/** Reads and stores originals. All throw TransientFailure `storage_unavailable`; `out_of_time` at the signal. */
export function openOriginals({ client, bucketName: Bucket }: BucketAccess) {
  return {
    /** HEAD of an original; undefined if there is none. */
    async headOriginal(key: string, signal?: AbortSignal): Promise<OriginalHead | undefined> {
      try {
        const head = await client.send(new HeadObjectCommand({ Bucket, Key: key }), options(signal));
        return {
          bytes: head.ContentLength ?? 0,
          ...(head.ContentType === undefined ? {} : { contentType: head.ContentType }),
        };
      } catch (error) {
        return isMissing(error) ? undefined : storageFault('HEAD original', signal)(error);
      }
    },

    /**
     * Reads a whole original. The signal also bounds the body, which may arrive slowly.
     * @throws Rejection `file_too_large` beyond `maxBytes`, announced or received; reading stops there.
     * @throws TransientFailure `internal` if it is missing.
     */
    async getOriginal(
      { key, version }: OriginalVersion,
      maxBytes: number,
      signal?: AbortSignal,
    ): Promise<Buffer> {
      try {
        const command = new GetObjectCommand({ Bucket, Key: key, VersionId: version });
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
        return storageFault('GET original', signal)(error);
      }
    },

    /** Stores a request body as an original; idempotent. @returns its version; undefined without versioning. */
    async putOriginal(original: NewOriginal, signal?: AbortSignal): Promise<string | undefined> {
      const command = new PutObjectCommand({
        Bucket,
        Key: original.key,
        Body: original.bytes,
        ContentType: original.contentType,
        ContentLength: original.bytes.byteLength,
        ChecksumSHA256: base64OfHex(original.sha256),
      });
      const sent = client.send(command, options(signal));
      return (await sent.catch(storageFault('PUT original', signal))).VersionId;
    },
  };
}

type Body = AsyncIterable<Uint8Array> & { destroy(): void };

async function readWhole(stream: Body, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop destroys stream and socket. So does the signal.
  for await (const chunk of stream) {
    length += chunk.byteLength;
    if (length > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

function tooLarge(maxBytes: number): Rejection {
  return new Rejection('file_too_large', `The file is larger than the ${maxBytes} bytes allowed.`);
}

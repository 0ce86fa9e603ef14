import type { IncomingMessage } from 'node:http';
import { Rejection, TransientFailure } from '../domain/failure.ts';
import type { BucketAccess } from './storage-client.ts';
import { isMissing, storageFault } from './storage-fault.ts';

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
export function openOriginals({ client, bucketName }: BucketAccess) {
  return {
    /** HEAD of an original; undefined if there is none. */
    async headOriginal(key: string, signal?: AbortSignal): Promise<OriginalHead | undefined> {
      try {
        const { headers } = await client.send({ operation: 'HeadObject', bucketName, key }, signal);
        const contentType = headers['content-type'];
        return {
          bytes: Number(headers['content-length'] ?? 0),
          ...(contentType === undefined ? {} : { contentType }),
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
        const query = version === undefined ? {} : { versionId: version };
        const { headers, body } = await client.open(
          { operation: 'GetObject', bucketName, key, query },
          signal,
        );
        if (Number(headers['content-length'] ?? 0) > maxBytes) {
          body.destroy();
          throw tooLarge(maxBytes);
        }
        return await readWhole(body, maxBytes);
      } catch (error) {
        if (error instanceof Rejection) throw error;
        if (isMissing(error))
          throw new TransientFailure('internal', 'the original is not there', { cause: error });
        return storageFault('GET original', signal)(error);
      }
    },

    /** Stores a request body as an original; idempotent. @returns its version; undefined without versioning. */
    async putOriginal(original: NewOriginal, signal?: AbortSignal): Promise<string | undefined> {
      const { key, bytes, sha256, contentType } = original;
      const sent = client.send(
        {
          operation: 'PutObject',
          bucketName,
          key,
          headers: { 'content-type': contentType },
          body: { bytes, sha256 },
        },
        signal,
      );
      const { headers } = await sent.catch(storageFault('PUT original', signal));
      return headers['x-amz-version-id'] as string | undefined;
    },
  };
}

async function readWhole(stream: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop destroys stream and socket. So does the signal.
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    length += chunk.byteLength;
    if (length > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

function tooLarge(maxBytes: number): Rejection {
  return new Rejection('file_too_large', `The file is larger than the ${maxBytes} bytes allowed.`);
}

import { TransientFailure } from '../domain/failure.ts';
import { base64OfHex } from './checksum.ts';
import type { BucketAccess } from './storage-client.ts';
import { nameOf, statusOf, storageFault } from './storage-fault.ts';

/** A variant to store: sha256 of its bytes in hex. */
export interface NewVariant {
  key: string;
  bytes: Uint8Array;
  contentType: string;
  sha256: string;
}

/** Keys carry the hash of the bytes, so an object never changes. */
const cacheControl = 'private, max-age=31536000, immutable';

export function openVariants({ client, bucketName }: BucketAccess) {
  async function verifySame(key: string, checksum: string, signal: AbortSignal | undefined): Promise<void> {
    const headers = { 'x-amz-checksum-mode': 'ENABLED' };
    const head = await client
      .send({ operation: 'HeadObject', bucketName, key, headers }, signal)
      .catch(storageFault('HEAD variant', signal));
    if (head.headers['x-amz-checksum-sha256'] !== checksum)
      throw new TransientFailure('internal', 'another object has the key of the variant');
  }

  return {
    /**
     * Stores a variant once (I2); S3 verifies and keeps its checksum (I10). An existing object must have the same one.
     * @throws TransientFailure `storage_unavailable` for a fault of S3, `internal` if another object has the key.
     */
    async putVariant(variant: NewVariant, signal?: AbortSignal): Promise<void> {
      const { key, bytes, contentType, sha256 } = variant;
      const headers = { 'content-type': contentType, 'cache-control': cacheControl, 'if-none-match': '*' };
      try {
        await client.send(
          { operation: 'PutObject', bucketName, key, headers, body: { bytes, sha256 } },
          signal,
        );
      } catch (error) {
        if (statusOf(error) !== 412 && nameOf(error) !== 'PreconditionFailed')
          storageFault('PUT variant', signal)(error);
        await verifySame(key, base64OfHex(sha256), signal);
      }
    },
  };
}

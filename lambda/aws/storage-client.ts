import { S3Client } from '@aws-sdk/client-s3';
import { hasOwnEndpoint } from './endpoint.ts';

/**
 * A client for S3.
 * @param maxAttempts tries of one call. Three rides out the odd 503 SlowDown; a function that must answer within
 * seconds takes two, because the worst case is `maxAttempts × 4 s`.
 */
export function storageClient({ maxAttempts = 3 }: { maxAttempts?: number } = {}): S3Client {
  return new S3Client({
    maxAttempts,
    // Presigned and plain puts alike: the default embeds the CRC32 of an empty body in a presigned PUT, and our
    // own puts carry their SHA-256 anyway. Operations that demand a checksum (DeleteObjects) still get one.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    forcePathStyle: hasOwnEndpoint('S3'),
    requestHandler: {
      // S3 is in the same region: a connection takes about 1 ms, the first byte of an answer about 30 ms. Without
      // these limits a black-hole socket holds the function until Lambda kills it.
      connectionTimeout: 1_000,
      requestTimeout: 4_000,
      throwOnRequestTimeout: true,
      socketTimeout: 4_000,
    },
  });
}

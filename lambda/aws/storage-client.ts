import { S3Client } from '@aws-sdk/client-s3';
import { hasOwnEndpoint } from './endpoint.ts';

/** A bucket and the client for it. */
export interface BucketAccess {
  bucketName: string;
  client: S3Client;
}
/** The same; by default a new client. */
export type BucketOptions = Pick<BucketAccess, 'bucketName'> & Partial<BucketAccess>;

/**
 * Creates an S3 client.
 * @param maxAttempts tries per call. Three survive an occasional 503 SlowDown; functions with short deadlines take
 * two, because the worst case is `maxAttempts × 4 s`.
 */
export function storageClient({ maxAttempts = 3 }: { maxAttempts?: number } = {}): S3Client {
  return new S3Client({
    maxAttempts,
    // By default a presigned PUT embeds an empty body's CRC32. Our puts carry SHA-256; DeleteObjects keeps its CRC.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    forcePathStyle: hasOwnEndpoint('S3'),
    requestHandler: {
      // Same region: about 1 ms to connect, 30 ms to the first byte. A dead socket must not hold the function.
      connectionTimeout: 1_000,
      requestTimeout: 4_000,
      throwOnRequestTimeout: true,
      socketTimeout: 4_000,
    },
  });
}

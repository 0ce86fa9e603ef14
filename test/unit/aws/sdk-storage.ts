import { S3Client } from '@aws-sdk/client-s3';
import { ownEndpoint } from '../../../lambda/aws/endpoint.ts';

/** The SDK's client of S3, for what a test does itself, and as the oracle of ours: with the same tries and timeouts. */
export function sdkStorage({ maxAttempts = 3 }: { maxAttempts?: number } = {}): S3Client {
  return new S3Client({
    maxAttempts,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    forcePathStyle: ownEndpoint('S3') !== undefined,
    requestHandler: {
      connectionTimeout: 1_000,
      requestTimeout: 4_000,
      throwOnRequestTimeout: true,
      socketTimeout: 4_000,
    },
  });
}

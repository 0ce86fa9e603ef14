import { partition } from '@aws-sdk/core/client';
import { ownEndpoint } from './endpoint.ts';

/**
 * The URL of a bucket: `https://<bucket>.s3.<region>.<suffix>`, or `<endpoint>/<bucket>` at the environment's own endpoint.
 * A name with a dot does not match the certificate of `*.s3.…`.
 */
export function bucketEndpoint(region: string, bucketName: string, own = ownEndpoint('S3')): URL {
  if (own !== undefined) return new URL(`${own.replace(/\/$/, '')}/${bucketName}`);
  const host = `s3.${region}.${partition(region).dnsSuffix}`;
  return new URL(
    bucketName.includes('.') ? `https://${host}/${bucketName}` : `https://${bucketName}.${host}`,
  );
}

import type { S3Client } from '@aws-sdk/client-s3';
import { ownEndpoint } from './endpoint.ts';

/** Origin (`https://host`) of this client's signed URLs for a bucket. */
export async function bucketOrigin(client: S3Client, bucketName: string): Promise<string> {
  const { config } = client;
  const [Region, UseFIPS, UseDualStack] = await Promise.all([
    config.region(),
    config.useFipsEndpoint(),
    config.useDualstackEndpoint(),
  ]);
  const Endpoint = ownEndpoint('S3');
  const { url } = config.endpointProvider({
    Bucket: bucketName,
    Region,
    UseFIPS,
    UseDualStack,
    ForcePathStyle: Endpoint !== undefined,
    ...(Endpoint === undefined ? {} : { Endpoint }),
  });
  return url.origin;
}

import type { S3Client } from '@aws-sdk/client-s3';
import { ownEndpoint } from './endpoint.ts';

/** The URL of a bucket as this client addresses it: `https://<bucket>.<host>/`, or `<endpoint>/<bucket>`. */
export async function bucketEndpoint(client: S3Client, bucketName: string): Promise<URL> {
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
  return url;
}

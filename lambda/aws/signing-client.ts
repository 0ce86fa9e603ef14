import type { S3Client } from '@aws-sdk/client-s3';
import { fromEnv } from '@aws-sdk/credential-provider-env';

/** What signing needs of a client of S3. */
export interface SigningClient {
  config: Pick<S3Client['config'], 'region' | 'credentials'>;
}

/**
 * Signs with the environment's credentials, without the client of S3: some 200 kB of code that most environments of the API
 * never use. Lambda sets the region.
 */
export function signingClient(): SigningClient {
  const region = async () => {
    const { AWS_REGION } = process.env;
    if (AWS_REGION === undefined) throw new TypeError('AWS_REGION is not set');
    return AWS_REGION;
  };
  return { config: { region, credentials: fromEnv() } };
}

import type { S3Client } from '@aws-sdk/client-s3';
import { fromEnv } from '@aws-sdk/credential-provider-env';

/** What signing needs, in the form of the SDK's client of S3. */
export interface SigningClient {
  config: Pick<S3Client['config'], 'region' | 'credentials'>;
}

/** Signs with the environment's credentials, which are read for each call. Lambda sets the region. */
export function signingClient(): SigningClient {
  const region = async () => {
    const { AWS_REGION } = process.env;
    if (AWS_REGION === undefined) throw new TypeError('AWS_REGION is not set');
    return AWS_REGION;
  };
  return { config: { region, credentials: fromEnv() } };
}

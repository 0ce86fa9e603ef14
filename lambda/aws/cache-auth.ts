import { Sha256 } from '@smithy/core/checksum';
import { buildQueryString } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import type { CountersEnvironment } from '../runtime/counters-environment.ts';
import { CredentialsMissing, secretPassword } from './database-auth.ts';
import { type SigningClient, signingClient } from './signing-client.ts';

/**
 * Password for a new connection to the counters: a token signed without a call (`iam`), COUNTERS_PASSWORD, or the
 * `password` field of the JSON in COUNTERS_SECRET_ARN. @returns undefined for a server without login
 * @throws CredentialsMissing if `password` is configured and neither variable is set.
 */
export function countersPassword(environment: CountersEnvironment): (() => Promise<string>) | undefined {
  const { COUNTERS_AUTH, COUNTERS_PASSWORD, COUNTERS_SECRET_ARN } = environment;
  if (COUNTERS_AUTH === 'none') return undefined;
  if (COUNTERS_AUTH === 'iam') {
    const { COUNTERS_CACHE: cache, COUNTERS_USER: user, COUNTERS_SERVERLESS } = environment;
    if (cache === undefined || user === undefined)
      throw new CredentialsMissing('COUNTERS_AUTH=iam needs COUNTERS_CACHE and COUNTERS_USER');
    return () => cacheToken({ cache, user, serverless: COUNTERS_SERVERLESS === 'yes' });
  }
  if (COUNTERS_PASSWORD !== undefined) return async () => COUNTERS_PASSWORD;
  if (COUNTERS_SECRET_ARN !== undefined) return () => secretPassword(COUNTERS_SECRET_ARN);
  throw new CredentialsMissing('COUNTERS_AUTH=password needs COUNTERS_PASSWORD or COUNTERS_SECRET_ARN');
}

/**
 * A token of ElastiCache: a presigned request `connect` without its scheme, whose host is the cache's name, not its
 * address. Valid for 15 minutes (docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html). ElastiCache ends a
 * connection after 12 hours; the next call opens one with a new token.
 */
export async function cacheToken(
  { cache, user, serverless }: { cache: string; user: string; serverless: boolean },
  { config }: SigningClient = signingClient(),
  signingDate: Date = new Date(),
): Promise<string> {
  const [credentials, region] = await Promise.all([config.credentials(), config.region()]);
  const signature = new SignatureV4({ service: 'elasticache', sha256: Sha256, credentials, region });
  const { query } = await signature.presign(
    {
      method: 'GET',
      protocol: 'https:',
      hostname: cache,
      path: '/',
      query: {
        Action: 'connect',
        User: user,
        ...(serverless ? { ResourceType: 'ServerlessCache' } : {}),
      },
      headers: { host: cache },
    },
    { signingDate, expiresIn: 900 },
  );
  return `${cache}/?${buildQueryString(query ?? {})}`;
}

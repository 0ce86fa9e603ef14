import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { AccountQueries } from '../account-queries.ts';
import { type ClientOptions, clientConfig } from './clients.ts';

export function identityQueries(
  options: ClientOptions & { regionNamed: boolean },
): Pick<AccountQueries, 'identity'> {
  const client = new STSClient(clientConfig(options));
  return {
    async identity() {
      const region = await client.config.region();
      const { Account: account = '', Arn: arn = '' } = await client.send(new GetCallerIdentityCommand({}));
      return { account, arn, region, regionNamed: options.regionNamed };
    },
  };
}

/** The region of the environment or the profile, found like the CDK's CLI does; undefined if neither has one. */
export async function namedRegion(environment: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  const { AWS_REGION, AMAZON_REGION, AWS_DEFAULT_REGION, AMAZON_DEFAULT_REGION } = environment;
  const named = AWS_REGION || AMAZON_REGION || AWS_DEFAULT_REGION || AMAZON_DEFAULT_REGION;
  if (named) return named;
  return new STSClient({}).config.region().catch(() => undefined);
}

import type { AccountQueries } from '../account-queries.ts';
import { bucketQueries } from './buckets.ts';
import { cloudFormationQueries } from './cloudformation.ts';
import { gatewayQueries } from './gateway.ts';
import { iamQueries } from './iam.ts';
import { identityQueries, namedRegion } from './identity.ts';
import { lambdaQueries } from './lambda.ts';
import { logQueries } from './logs.ts';
import { networkQueries } from './network.ts';
import { quotaQueries } from './quotas.ts';
import { rdsQueries } from './rds.ts';

/** Queries to the account of the environment's credentials, or to AWS_ENDPOINT_URL. */
export async function accountQueries(): Promise<AccountQueries> {
  const named = await namedRegion();
  // The default of the CDK's CLI.
  const options = { region: named ?? 'us-east-1', regionNamed: named !== undefined };
  return {
    ...identityQueries(options),
    ...cloudFormationQueries(options),
    ...lambdaQueries(options),
    ...quotaQueries(options),
    ...networkQueries(options),
    ...rdsQueries(options),
    ...gatewayQueries(options),
    ...logQueries(options),
    ...bucketQueries(options),
    ...iamQueries(options),
  };
}

import type { Questions } from '../questions.ts';
import { askBuckets } from './buckets.ts';
import { askCloudFormation } from './cloudformation.ts';
import { askGateway } from './gateway.ts';
import { askIam } from './iam.ts';
import { askIdentity, namedRegion } from './identity.ts';
import { askLambda } from './lambda.ts';
import { askLogs } from './logs.ts';
import { askNetwork } from './network.ts';
import { askQuotas } from './quotas.ts';
import { askRds } from './rds.ts';

/** The account that the environment's credentials are of, or that AWS_ENDPOINT_URL names. */
export async function askAccount(): Promise<Questions> {
  const named = await namedRegion();
  // As the CDK's CLI.
  const options = { region: named ?? 'us-east-1', regionNamed: named !== undefined };
  return {
    ...askIdentity(options),
    ...askCloudFormation(options),
    ...askLambda(options),
    ...askQuotas(options),
    ...askNetwork(options),
    ...askRds(options),
    ...askGateway(options),
    ...askLogs(options),
    ...askBuckets(options),
    ...askIam(options),
  };
}

import type { Stack } from '@aws-sdk/client-cloudformation';
import type { Identity } from '../account-queries.ts';
import { blocks, type CheckResult, ok, warning } from '../finding.ts';

export function evaluateIdentity({ account, arn, region, regionNamed }: Identity): CheckResult {
  const says = `account ${account}, region ${region}, as ${arn}`;
  return regionNamed
    ? ok(says)
    : warning(
        `${says}; nobody named the region, and the CDK takes this one then`,
        `AWS_REGION=${region}, or another`,
      );
}

/** What the synthesizer of the CDK writes into each template as the least it can do with. */
const leastBootstrapVersion = 6;

/** @param stack CDKToolkit, into whose bucket the code goes and by whose roles the CLI deploys. */
export function evaluateBootstrap(
  stack: Stack | undefined,
  { account, region }: Pick<Identity, 'account' | 'region'>,
): CheckResult {
  const bootstrap = `npx cdk bootstrap aws://${account}/${region}`;
  if (stack === undefined) return blocks('the account and region is not bootstrapped for the CDK', bootstrap);
  const version = Number(stack.Outputs?.find((one) => one.OutputKey === 'BootstrapVersion')?.OutputValue);
  if (!(version >= leastBootstrapVersion))
    return blocks(
      `the bootstrap stack has version ${version || 'unknown'}, and ${leastBootstrapVersion} is needed`,
      bootstrap,
    );
  if (/_FAILED$|^ROLLBACK_COMPLETE$|_IN_PROGRESS$/.test(stack.StackStatus ?? ''))
    return warning(`the bootstrap stack is ${stack.StackStatus}`, bootstrap);
  return ok(`bootstrapped, version ${version}`);
}

/** Roles and policies of a stage: one a function, flow logs, monitoring, the gateway's, the CDK's own, and some room. */
const ownRoles = 15;

/** @param need how many roles and policies the deploy makes at the most; none where the stage stands. */
export function evaluateIam(summary: Record<string, number>, deployed: boolean): CheckResult {
  const need = deployed ? 0 : ownRoles;
  const short = ['Roles', 'Policies'].filter(
    (name) => (summary[name] ?? 0) + need > (summary[`${name}Quota`] ?? Infinity),
  );
  const counts = ['Roles', 'Policies'].map(
    (name) => `${summary[name] ?? '?'} of ${summary[`${name}Quota`] ?? '?'} ${name.toLowerCase()}`,
  );
  const says = `${counts.join(', ')}; this stage makes up to ${need} of each`;
  return short.length === 0
    ? ok(says)
    : blocks(
        says,
        'delete what nobody uses, or have the quota raised (service-quotas: iam L-FE177D64 roles, L-E95E4862 policies)',
      );
}

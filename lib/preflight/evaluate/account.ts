import type { Stack } from '@aws-sdk/client-cloudformation';
import type { Identity } from '../account-queries.ts';
import { blocks, type CheckResult, ok, warning } from '../finding.ts';

export function evaluateIdentity({ account, arn, region, regionNamed }: Identity): CheckResult {
  const says = `account ${account}, region ${region}, as ${arn}`;
  return regionNamed
    ? ok(says)
    : warning(
        `${says}; no region is configured, so the CDK uses this one`,
        `set AWS_REGION=${region}, or another region`,
      );
}

/** The minimum that the CDK's synthesizer writes into each template. */
const leastBootstrapVersion = 6;

/** @param stack CDKToolkit, with the bucket for assets and the roles for deploys. */
export function evaluateBootstrap(
  stack: Stack | undefined,
  { account, region }: Pick<Identity, 'account' | 'region'>,
): CheckResult {
  const bootstrap = `npx cdk bootstrap aws://${account}/${region}`;
  if (stack === undefined) return blocks('account and region are not bootstrapped for the CDK', bootstrap);
  const version = Number(stack.Outputs?.find((one) => one.OutputKey === 'BootstrapVersion')?.OutputValue);
  if (!(version >= leastBootstrapVersion))
    return blocks(
      `the bootstrap stack has version ${version || 'unknown'}, but ${leastBootstrapVersion} is required`,
      bootstrap,
    );
  if (/_FAILED$|^ROLLBACK_COMPLETE$|_IN_PROGRESS$/.test(stack.StackStatus ?? ''))
    return warning(`the bootstrap stack is ${stack.StackStatus}`, bootstrap);
  return ok(`bootstrapped, version ${version}`);
}

/** Roles and policies of a stage: one per function, flow logs, monitoring, gateway, the CDK's own, and a margin. */
const ownRoles = 15;

/** @param deployed whether the stage exists already and needs no more roles and policies. */
export function evaluateIam(summary: Record<string, number>, deployed: boolean): CheckResult {
  const need = deployed ? 0 : ownRoles;
  const short = ['Roles', 'Policies'].filter(
    (name) => (summary[name] ?? 0) + need > (summary[`${name}Quota`] ?? Infinity),
  );
  const counts = ['Roles', 'Policies'].map(
    (name) => `${summary[name] ?? '?'} of ${summary[`${name}Quota`] ?? '?'} ${name.toLowerCase()}`,
  );
  const says = `${counts.join(', ')}; this deploy creates up to ${need} of each`;
  return short.length === 0
    ? ok(says)
    : blocks(
        says,
        'delete unused ones, or request a higher quota (service-quotas: iam L-FE177D64 roles, L-E95E4862 policies)',
      );
}

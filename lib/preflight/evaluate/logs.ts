import type { ResourcePolicy } from '@aws-sdk/client-cloudwatch-logs';
import { blocks, type CheckResult, ok, warning } from '../finding.ts';

/**
 * @param role of API Gateway in this account and region, which all APIs there write logs with.
 * @param ours whether this stage has set it itself.
 */
export function evaluateGatewayLogRole(
  role: string | undefined,
  { asked, ours }: { asked: boolean; ours: boolean },
): CheckResult {
  if (role === undefined)
    return asked
      ? ok('API Gateway has no role for logs here; this deploy gives it one')
      : blocks(
          'API Gateway has no role for logs in this account and region, and a stage with logs cannot be made without ("CloudWatch Logs role ARN must be set")',
          'deploy: { gatewayLogRole: true } in one stage of this account and region',
        );
  if (!asked) return ok(`API Gateway writes logs as ${role}`);
  return ours
    ? ok(`API Gateway writes logs as ${role}, the role of this stage`)
    : warning(
        `API Gateway writes logs as ${role} here; this deploy puts a role of its own in the place of that, for every API of the account and region`,
        'deploy: { gatewayLogRole: false } leaves it as it is',
      );
}

/** A region has ten policies for log groups, each of 5,120 characters. WAF keeps one for all of its log groups. */
const mostPolicies = 10;
const mostCharacters = 5_120;
const ofWaf = 'AWSWAF-LOGS';

/** @param firewall whether this deploy makes a log group of WAF that is not there yet. */
export function evaluateLogPolicies(policies: ResourcePolicy[], firewall: boolean): CheckResult {
  const says = `${policies.length} of ${mostPolicies} policies for log groups are in use`;
  if (!firewall) return ok(`${says}; this deploy needs none`);
  const shared = policies.find(({ policyName }) => policyName === ofWaf);
  // The packs of the review ask for a firewall.
  const without = 'or deploy: { firewall: false, review: false }';
  if (shared === undefined)
    return policies.length < mostPolicies
      ? ok(`${says}; the firewall's log takes one`)
      : blocks(
          `${says}, and the firewall's log takes one`,
          `delete one that nobody needs (aws logs describe-resource-policies, aws logs delete-resource-policy), ${without}`,
        );
  const length = shared.policyDocument?.length ?? 0;
  // An entry for a log group has about 350 characters.
  return length + 400 <= mostCharacters
    ? ok(`${says}; the firewall's log goes into ${ofWaf}`)
    : warning(
        `${ofWaf}, the policy that WAF keeps for its log groups, has ${length} of ${mostCharacters} characters: one more entry may be refused`,
        `delete log groups of firewalls that are gone, and write the policy anew, ${without}`,
      );
}

import type { ResourcePolicy } from '@aws-sdk/client-cloudwatch-logs';
import { blocks, type CheckResult, ok, warning } from '../finding.ts';

/**
 * @param role the role that API Gateway uses for the logs of all APIs in this account and region.
 * @param ours whether this stage has set it.
 */
export function evaluateGatewayLogRole(
  role: string | undefined,
  { configured, ours }: { configured: boolean; ours: boolean },
): CheckResult {
  if (role === undefined)
    return configured
      ? ok('API Gateway has no role for logs; this deploy sets one')
      : blocks(
          'API Gateway has no role for logs in this account and region, which a stage with logs requires ("CloudWatch Logs role ARN must be set")',
          'deploy: { gatewayLogRole: true } in one stage of this account and region',
        );
  if (!configured) return ok(`API Gateway writes logs as ${role}`);
  return ours
    ? ok(`API Gateway writes logs as ${role}, the role of this stage`)
    : warning(
        `API Gateway writes logs as ${role}; this deploy replaces that role for every API of the account and region`,
        'deploy: { gatewayLogRole: false } keeps it',
      );
}

/** A region allows ten policies for log groups, of 5,120 characters each. WAF uses one for all of its log groups. */
const mostPolicies = 10;
const mostCharacters = 5_120;
const ofWaf = 'AWSWAF-LOGS';

/** @param firewall whether this deploy creates a log group for WAF. */
export function evaluateLogPolicies(policies: ResourcePolicy[], firewall: boolean): CheckResult {
  const says = `${policies.length} of ${mostPolicies} policies for log groups are in use`;
  if (!firewall) return ok(`${says}; this deploy needs none`);
  const shared = policies.find(({ policyName }) => policyName === ofWaf);
  // The rule packs of the review require a firewall.
  const without = 'or deploy: { firewall: false, review: false }';
  if (shared === undefined)
    return policies.length < mostPolicies
      ? ok(`${says}; the firewall's log needs one`)
      : blocks(
          `${says}, and the firewall's log needs one`,
          `delete an unused one (aws logs describe-resource-policies, aws logs delete-resource-policy), ${without}`,
        );
  const length = shared.policyDocument?.length ?? 0;
  // A log group adds about 350 characters.
  return length + 400 <= mostCharacters
    ? ok(`${says}; the firewall's log is added to ${ofWaf}`)
    : warning(
        `${ofWaf}, WAF's policy for its log groups, has ${length} of ${mostCharacters} characters: another entry may be rejected`,
        `delete the log groups of deleted firewalls and rewrite the policy, ${without}`,
      );
}

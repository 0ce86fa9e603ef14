import type { Quota } from '../account-queries.ts';
import { blocks, type CheckResult, ok, warning } from '../finding.ts';

/** A quota, its current usage, and what this deploy adds. */
export interface Use {
  service: string;
  code: string;
  used: number;
  need: number;
  /** The alternative to raising the quota. */
  otherwise?: string;
}

export function evaluateQuota(
  { name, value, adjustable = true }: Quota,
  { service, code, used, need, otherwise = 'delete an unused one' }: Use,
): CheckResult {
  const says = `${name}: ${used} of ${value} in use, and this deploy needs ${need} more`;
  // A deploy that adds nothing passes, even above a quota that was lowered since.
  if (need === 0 || used + need < value) return ok(says);
  const raise = `aws service-quotas request-service-quota-increase --service-code ${service} --quota-code ${code} --desired-value ${used + need + 1}`;
  const advice = adjustable ? `${raise}; or ${otherwise}` : otherwise;
  return used + need > value ? blocks(says, advice) : warning(`${says}, which uses it up`, advice);
}

import type { Quota } from '../account-queries.ts';
import { blocks, type CheckResult, ok, warning } from '../finding.ts';

/** Of which quota, how much is in use, and how much more this deploy takes. */
export interface Use {
  service: string;
  code: string;
  used: number;
  need: number;
  /** What can be done beside having it raised. */
  otherwise?: string;
}

export function evaluateQuota(
  { name, value, adjustable = true }: Quota,
  { service, code, used, need, otherwise = 'delete one that nobody uses' }: Use,
): CheckResult {
  const says = `${name}: ${used} of ${value} in use, and this deploy takes ${need} more`;
  // Who takes nothing more is refused nothing, whatever is counted: a quota may have been lowered since.
  if (need === 0 || used + need < value) return ok(says);
  const raise = `aws service-quotas request-service-quota-increase --service-code ${service} --quota-code ${code} --desired-value ${used + need + 1}`;
  const advice = adjustable ? `${raise}; or ${otherwise}` : otherwise;
  return used + need > value ? blocks(says, advice) : warning(`${says}, which is the last`, advice);
}

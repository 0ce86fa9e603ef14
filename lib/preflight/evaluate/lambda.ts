import type { AccountLimit, AccountUsage } from '@aws-sdk/client-lambda';
import type { ResolvedConfig } from '../../config/schema.ts';
import { reservedConcurrency, unreservedExecutions } from '../../plan/concurrency.ts';
import { blocks, type CheckResult, ok, warning } from '../finding.ts';

const concurrencyQuota = 'L-B99A9384';

/**
 * Reserving more than is available fails the deploy after the database has been created, 10 to 20 minutes in.
 * @param here the stage's current reserved concurrency, which its deploy replaces.
 */
export function evaluateConcurrency(limit: AccountLimit, here: number, config: ResolvedConfig): CheckResult {
  const { ConcurrentExecutions: all = 0, UnreservedConcurrentExecutions: unreserved = 0 } = limit;
  const { shares, sum } = reservedConcurrency(config);
  const peak = config.api.maxConcurrency + config.process.maxConcurrency;
  const raise = (to: number) =>
    `aws service-quotas request-service-quota-increase --service-code lambda --quota-code ${concurrencyQuota} --desired-value ${to}`;
  if (sum === 0)
    return all > peak
      ? ok(`the account's limit is ${all} executions; this stage reserves none`)
      : warning(
          `the account's limit is ${all} executions; api and process may need ${peak} at once and would be throttled`,
          raise(1_000),
        );
  const parts = Object.entries(shares).map(([name, share]) => `${name} ${share}`);
  const free = Math.max(0, unreserved + here - unreservedExecutions);
  const says =
    `this stage reserves ${sum} executions (${parts.join(', ')}); of the account's ${all}, ${all - unreserved} are ` +
    `reserved${here === 0 ? '' : ` (${here} by this stage)`} and ${unreservedExecutions} must stay unreserved, which leaves ${free}`;
  if (sum <= free) return ok(says);
  return blocks(
    says,
    `${raise(Math.max(1_000, all + sum - free))}; or deploy: { reservedConcurrency: false }, without reserved caps; ` +
      'or lower api.maxConcurrency and process.maxConcurrency',
  );
}

const mebi = 1024 * 1024;
/** A full deploy publishes about 12 MB, and old versions remain. */
const roomForDeploys = 100 * mebi;

export function evaluateCodeStorage(limit: AccountLimit, usage: AccountUsage): CheckResult {
  const { TotalCodeSize: most = 0 } = limit;
  const { TotalCodeSize: used = 0 } = usage;
  const says = `${Math.round(used / mebi)} of ${Math.round(most / mebi)} MB of code storage are used`;
  return most - used >= roomForDeploys
    ? ok(says)
    : blocks(
        says,
        'delete old versions (aws lambda delete-function --function-name <name> --qualifier <version>); a full deploy publishes about 12 MB',
      );
}

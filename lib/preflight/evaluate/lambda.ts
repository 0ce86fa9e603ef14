import type { AccountLimit, AccountUsage } from '@aws-sdk/client-lambda';
import type { ResolvedConfig } from '../../config/schema.ts';
import { reservedConcurrency, unreservedExecutions } from '../../plan/concurrency.ts';
import { blocks, type CheckResult, ok, warning } from '../finding.ts';

const concurrencyQuota = 'L-B99A9384';

/**
 * @param here executions that the stage reserves already, which its deploy gives back.
 * Reserving more than is left fails the deploy once the database is up, 10 to 20 minutes after it began.
 */
export function evaluateConcurrency(limit: AccountLimit, here: number, config: ResolvedConfig): CheckResult {
  const { ConcurrentExecutions: all = 0, UnreservedConcurrentExecutions: unreserved = 0 } = limit;
  const { shares, sum } = reservedConcurrency(config);
  const peak = config.api.maxConcurrency + config.process.maxConcurrency;
  const raise = (to: number) =>
    `aws service-quotas request-service-quota-increase --service-code lambda --quota-code ${concurrencyQuota} --desired-value ${to}`;
  if (sum === 0)
    return all > peak
      ? ok(`the account has ${all} executions; this stage reserves none`)
      : warning(
          `the account has ${all} executions in all; api and process may want ${peak} at once, and are throttled`,
          raise(1_000),
        );
  const parts = Object.entries(shares).map(([name, share]) => `${name} ${share}`);
  const free = Math.max(0, unreserved + here - unreservedExecutions);
  const says =
    `this stage reserves ${sum} executions (${parts.join(', ')}); of the account's ${all}, ${all - unreserved} are ` +
    `reserved${here === 0 ? '' : ` (${here} by this stage)`} and ${unreservedExecutions} have to stay free, which leaves ${free}`;
  if (sum <= free) return ok(says);
  return blocks(
    says,
    `${raise(Math.max(1_000, all + sum - free))}; or, without caps by reservation, deploy: { reservedConcurrency: false }; ` +
      'or lower api.maxConcurrency and process.maxConcurrency',
  );
}

const mebi = 1024 * 1024;
/** A deploy of everything publishes about 12 MB, and old versions stay. */
const roomForDeploys = 100 * mebi;

export function evaluateCodeStorage(limit: AccountLimit, usage: AccountUsage): CheckResult {
  const { TotalCodeSize: most = 0 } = limit;
  const { TotalCodeSize: used = 0 } = usage;
  const says = `${Math.round(used / mebi)} of ${Math.round(most / mebi)} MB of code are used`;
  return most - used >= roomForDeploys
    ? ok(says)
    : blocks(
        says,
        'delete old versions (aws lambda delete-function --function-name <name> --qualifier <version>); a deploy of everything publishes about 12 MB',
      );
}

import { functionSpecifications } from '../build/specifications.ts';
import { type Catalogue, catalogue, type FunctionName } from '../catalogue/catalogue.ts';
import type { ResolvedConfig } from '../config/schema.ts';

/** Lambda lets nobody reserve the last 100 executions of an account and region. */
export const unreservedExecutions = 100;

/** What a deployment reserves of the executions that Lambda gives an account in a region. */
export interface ReservedConcurrency {
  /** By function. One without a cap of its own takes part in what the account leaves unreserved. */
  shares: Partial<Record<FunctionName, number>>;
  sum: number;
  /** The least limit of an account with nothing else reserved: the sum and 100, or 0 where nothing is reserved. */
  accountLimit: number;
}

/** Reserved executions of a configuration; nothing with `deploy.reservedConcurrency: false`. */
export function reservedConcurrency(
  config: ResolvedConfig,
  functions: Catalogue = catalogue,
): ReservedConcurrency {
  const shares = Object.fromEntries(
    Object.values(functionSpecifications(config, functions)).flatMap(({ name, maxConcurrency }) =>
      maxConcurrency === undefined || !config.deploy.reservedConcurrency ? [] : [[name, maxConcurrency]],
    ),
  ) as ReservedConcurrency['shares'];
  const sum = Object.values(shares).reduce((total, share) => total + share, 0);
  return { shares, sum, accountLimit: sum === 0 ? 0 : sum + unreservedExecutions };
}

import { functionSpecifications } from '../bundling/specifications.ts';
import { type Catalogue, catalogue, type FunctionName } from '../catalogue/catalogue.ts';
import type { ResolvedConfig } from '../config/schema.ts';

/** Lambda keeps 100 executions of an account and region unreserved. */
export const unreservedExecutions = 100;

/** The reserved concurrency of a deployment, out of the account's limit in a region. */
export interface ReservedConcurrency {
  /** By function. A function without a cap uses the account's unreserved concurrency. */
  shares: Partial<Record<FunctionName, number>>;
  sum: number;
  /** The account limit needed if nothing else is reserved: the sum plus 100, or 0 if nothing is reserved. */
  accountLimit: number;
}

/** The reserved concurrency of a configuration; none with `deploy.reservedConcurrency: false`. */
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

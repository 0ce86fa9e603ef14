import { isPooled } from '../config/budget.ts';
import type { ResolvedConfig } from '../config/schema.ts';
import { servedPerSecond } from '../rules/request-rate.ts';
import type { Offer } from './campaign.ts';
import { reservedConcurrency, unreservedExecutions } from './concurrency.ts';
import { imageSeconds, workOf } from './image-seconds.ts';
import { mostDirect, mostPooled, mostWorkers } from './levers.ts';

/** Whether a limit allows what keeps up. */
export interface Allowance {
  limit: string;
  allowed: boolean;
  reason: string;
}

export interface KeepUp {
  /** Workers that make images as fast as they are offered. */
  workers: number;
  /** The same, of one image at the configured setting. */
  imageSeconds: number;
  allowances: Allowance[];
}

/** The workers that would keep up with an offer, and what of AWS and of the database allows them. */
export function keepUp(config: ResolvedConfig, { ratePerSecond }: Pick<Offer, 'ratePerSecond'>): KeepUp {
  const seconds = imageSeconds(workOf(config));
  // Without the last digits, which are an error of the product.
  const workers = Math.max(1, Math.ceil(Number((ratePerSecond * seconds).toFixed(6))));
  const { api, database, deploy } = config;
  const pooled = isPooled(database);
  const most = (limit: string, value: number, what: string): Allowance => ({
    limit,
    allowed: workers <= value,
    reason: `${value} workers at most: ${what}`,
  });
  const others =
    reservedConcurrency(config).sum - (deploy.reservedConcurrency ? config.process.maxConcurrency : 0);
  const rate = Math.ceil(ratePerSecond);
  const served = servedPerSecond(api);
  return {
    workers,
    imageSeconds: seconds,
    allowances: [
      ...(pooled
        ? []
        : [most('connections', mostDirect(config), `one each of ${database.maxConnections} connections`)]),
      ...(pooled || database.connection === undefined
        ? [
            most(
              pooled ? 'proxy' : 'with a proxy',
              mostPooled(config),
              `transactions at once in the pool${pooled ? '' : ' (database.proxy: true)'}`,
            ),
          ]
        : []),
      most('one mapping', mostWorkers, 'MaximumConcurrency of an event source mapping of SQS'),
      {
        limit: 'account',
        allowed: true,
        reason: deploy.reservedConcurrency
          ? `needs a concurrency limit of ${workers + others + unreservedExecutions}: ${workers} + ${others} of other functions + ` +
            `${unreservedExecutions} unreserved; npm run preflight compares it`
          : `needs ${workers} executions and those of the API; nothing is reserved`,
      },
      {
        limit: 'gateway',
        allowed: rate <= deploy.requestsPerSecond,
        reason: `${deploy.requestsPerSecond} requests a second at most (deploy.requestsPerSecond), and ${rate} for tickets alone`,
      },
      {
        limit: 'API',
        allowed: rate <= served,
        reason: `${api.maxConcurrency} executions (api.maxConcurrency) serve ${served} tickets a second`,
      },
    ],
  };
}

import { RuleBroken } from '../rules/broken.ts';
import type { ResolvedConfig } from './schema.ts';

/** PostgreSQL keeps this many connections for superusers (superuser_reserved_connections). */
export const superuserReserved = 3;

/** Connections that each role may hold at once; Postgres enforces them as CONNECTION LIMIT (I5). */
export interface ConnectionBudget {
  api: number;
  process: number;
  sweep: number;
  migrate: number;
  reserve: number;
  superuser: number;
  total: number;
  available: number;
}

/** The budget does not hold; the message carries the arithmetic. */
export class BudgetExceeded extends RuleBroken {
  override readonly name = 'BudgetExceeded';
}

/**
 * Shares out the connections of the database.
 *
 * `process` opens its connection late and closes it before the invocation ends: one per execution. `api` keeps
 * one per environment, frozen ones included, and a deploy has two generations alive: twice its concurrency.
 * @throws BudgetExceeded when the shares are more than `database.maxConnections`.
 */
export function connectionBudget(
  config: Pick<ResolvedConfig, 'api' | 'process' | 'database'>,
): ConnectionBudget {
  const shares = {
    api: 2 * config.api.maxConcurrency,
    process: config.process.maxConcurrency,
    sweep: 2,
    migrate: 1,
    reserve: config.database.reserve,
    superuser: superuserReserved,
  };
  const total = Object.values(shares).reduce((sum, share) => sum + share, 0);
  const available = config.database.maxConnections;
  if (total > available) {
    throw new BudgetExceeded(
      'database.maxConnections',
      `The connection budget does not hold: process ${shares.process} (process.maxConcurrency) + api ${shares.api} ` +
        `(2 × api.maxConcurrency ${config.api.maxConcurrency}) + sweep ${shares.sweep} + migrate ${shares.migrate} + ` +
        `reserve ${shares.reserve} + superuser ${shares.superuser} = ${total}, but database.maxConnections is ` +
        `${available}. Lower process.maxConcurrency to ${Math.max(0, shares.process - (total - available))} or less, ` +
        'lower api.maxConcurrency, or raise database.maxConnections with a larger server.',
    );
  }
  return { ...shares, total, available };
}

/**
 * What a proxy may open of the server's connections: all but the shares that do not go through it. The proxy takes
 * whole percents of `max_connections`.
 * @throws BudgetExceeded
 */
export function poolConnections(config: Parameters<typeof connectionBudget>[0]): {
  percent: number;
  connections: number;
} {
  const { available, migrate, reserve, superuser } = connectionBudget(config);
  const percent = Math.floor((100 * (available - migrate - reserve - superuser)) / available);
  return { percent, connections: Math.floor((percent * available) / 100) };
}

/**
 * The budget as `migrate` is told of it: the CONNECTION LIMIT of each role.
 *
 * Without a pool each role gets its share. A pool opens a role's connections itself and keeps them for a while, on
 * several machines that do not know of each other: with its share only, the role would be refused on one machine while
 * its connections lie idle on another. So the pool as a whole is bounded, and each role by the pool.
 * @throws BudgetExceeded
 */
export function connectionLimits(config: Parameters<typeof connectionBudget>[0], pooled = false) {
  const pool = poolConnections(config).connections;
  const { api, process, sweep } = pooled
    ? { api: pool, process: pool, sweep: pool }
    : connectionBudget(config);
  return {
    API_CONNECTIONS: String(api),
    PROCESS_CONNECTIONS: String(process),
    SWEEP_CONNECTIONS: String(sweep),
  };
}

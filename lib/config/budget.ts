import type { DatabaseRole, RoleShare, RoleShares } from '../../lambda/domain/roles.ts';
import {
  type Catalogue,
  type ConnectedFunction,
  catalogue,
  type FunctionName,
} from '../catalogue/catalogue.ts';
import type { FunctionDefinition, SizedBy } from '../catalogue/definition.ts';
import { eachFunction, namesWhere, roleUses } from '../catalogue/select.ts';
import { RuleBroken } from '../rules/broken.ts';
import type { ResolvedConfig } from './schema.ts';

/** Connections that PostgreSQL reserves for superusers (superuser_reserved_connections). */
export const superuserReserved = 3;

/** Connections per function, those kept free, and their sum. Postgres enforces the shares as CONNECTION LIMIT (I5). */
export interface ConnectionBudget extends Record<ConnectedFunction, number> {
  reserve: number;
  superuser: number;
  total: number;
  available: number;
}

type Budgeted = SizedBy & Pick<ResolvedConfig, 'database'>;

export class BudgetExceeded extends RuleBroken {
  override readonly name = 'BudgetExceeded';
}

/**
 * Distributes the database's connections among the functions of the catalogue.
 * @throws BudgetExceeded if the shares exceed `database.maxConnections`.
 */
export function connectionBudget(config: Budgeted, functions: Catalogue = catalogue): ConnectionBudget {
  const all = eachFunction(functions, (name, definition) => shareOf(name, definition, config));
  const shares = Object.entries(all).flatMap(([name, share]) =>
    share === undefined ? [] : [{ name, ...share }],
  );
  // First the one that is usually lowered.
  shares.sort((a, b) => Number(b.name === 'process') - Number(a.name === 'process'));
  shares.push({ name: 'reserve', connections: config.database.reserve, source: '' });
  shares.push({ name: 'superuser', connections: superuserReserved, source: '' });
  const total = shares.reduce((sum, { connections }) => sum + connections, 0);
  const available = config.database.maxConnections;
  if (total > available) {
    const sum = shares.map(({ name, connections, source }) => `${name} ${connections}${source}`).join(' + ');
    const lower = config.process.maxConcurrency - (total - available);
    throw new BudgetExceeded(
      'database.maxConnections',
      `The connection budget does not hold: ${sum} = ${total}, but database.maxConnections is ${available}. Lower ` +
        `process.maxConcurrency to ${Math.max(0, lower)} or less, lower api.maxConcurrency, or raise ` +
        'database.maxConnections with a larger server.',
    );
  }
  const byName = Object.fromEntries(shares.map(({ name, connections }) => [name, connections]));
  return { ...byName, total, available } as ConnectionBudget;
}

/** Connections of a function, and in parentheses the setting behind them. */
function shareOf(
  name: FunctionName,
  { database, maxConcurrency }: FunctionDefinition,
  config: SizedBy,
): { connections: number; source: string } | undefined {
  if (database === undefined) return undefined;
  if (typeof database.connections === 'number') return { connections: database.connections, source: '' };
  const executions = maxConcurrency(config);
  if (executions === undefined)
    throw new TypeError(`${name} holds ${database.connections} connections and has no maxConcurrency`);
  const setting = `${name}.maxConcurrency`;
  return database.connections === 'per-execution'
    ? { connections: executions, source: ` (${setting})` }
    : { connections: 2 * executions, source: ` (2 × ${setting} ${executions})` };
}

/**
 * Connections that a proxy may open: all but the shares that bypass it. The proxy takes whole percents of
 * `max_connections`.
 * @throws BudgetExceeded
 */
export function poolConnections(
  config: Budgeted,
  functions: Catalogue = catalogue,
): { percent: number; connections: number } {
  const budget = connectionBudget(config, functions);
  const { available, reserve, superuser } = budget;
  const owner = ownerFunctions(functions).reduce((sum, name) => sum + budget[name], 0);
  const percent = Math.floor((100 * (available - owner - reserve - superuser)) / available);
  return { percent, connections: Math.floor((percent * available) / 100) };
}

/** Functions that log in as the owner: they bypass a proxy and have no CONNECTION LIMIT. */
export function ownerFunctions(functions: Catalogue = catalogue): ConnectedFunction[] {
  return namesWhere(({ database }) => database?.role === 'owner', functions) as ConnectedFunction[];
}

/**
 * The roles that `migrate` creates, with their CONNECTION LIMITs: without a pool, their shares. A pool keeps a role's
 * connections on several independent machines: with only its share, the role would be refused on one machine while its
 * connections idle on another. So the pool is bounded as a whole, and each role by the pool.
 * @throws BudgetExceeded
 */
export function roleShares(config: Budgeted, pooled = false, functions: Catalogue = catalogue): RoleShares {
  const budget = connectionBudget(config, functions);
  const pool = poolConnections(config, functions).connections;
  return Object.fromEntries(
    roleUses(functions).map(({ name, role, connections }): [DatabaseRole, RoleShare] => [
      role,
      {
        connections: pooled ? pool : budget[name],
        persistent: connections === 'persistent',
      },
    ]),
  );
}

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

/** PostgreSQL keeps this many connections for superusers (superuser_reserved_connections). */
export const superuserReserved = 3;

/**
 * Connections that each function may hold at once, those that stay free, and their sum. Postgres enforces the shares of
 * roles as CONNECTION LIMIT (I5).
 */
export interface ConnectionBudget extends Record<ConnectedFunction, number> {
  reserve: number;
  superuser: number;
  total: number;
  available: number;
}

type Budgeted = SizedBy & Pick<ResolvedConfig, 'database'>;

/** The budget does not hold; the message carries the arithmetic. */
export class BudgetExceeded extends RuleBroken {
  override readonly name = 'BudgetExceeded';
}

/**
 * Shares out the connections of the database among the functions of the catalogue.
 * @throws BudgetExceeded when the shares are more than `database.maxConnections`.
 */
export function connectionBudget(config: Budgeted, functions: Catalogue = catalogue): ConnectionBudget {
  const all = eachFunction(functions, (name, definition) => shareOf(name, definition, config));
  const shares = Object.entries(all).flatMap(([name, share]) =>
    share === undefined ? [] : [{ name, ...share }],
  );
  // First those that are usually lowered.
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

/** Connections of a function, and in parentheses the setting that they follow from. */
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
 * Connections that a proxy may open of the server's: all but the shares that do not go through it. The proxy takes
 * whole percents of `max_connections`.
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

/** Functions that log in as the owner: their connections go past a proxy, and no CONNECTION LIMIT holds for them. */
export function ownerFunctions(functions: Catalogue = catalogue): ConnectedFunction[] {
  return namesWhere(({ database }) => database?.role === 'owner', functions) as ConnectedFunction[];
}

/**
 * The roles that `migrate` makes, each with its CONNECTION LIMIT.
 *
 * Without a pool each role gets its share. A pool opens a role's connections itself and keeps them for a while, on
 * several machines that do not know of each other: with only its share, the role would be refused on one machine while
 * its connections are idle on another. So the pool as a whole is bounded, and each role by the pool.
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

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
import { imageSeconds, peakFactor, transactionSeconds } from '../rules/measured.ts';
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

/** The pool of a proxy is smaller than the transactions that may be open at once. */
export class PoolTooSmall extends RuleBroken {
  override readonly name = 'PoolTooSmall';
}

/** Whether the configured database is behind RDS Proxy, which lends a connection for a transaction. */
export function isPooled({ connection, proxy }: Budgeted['database']): boolean {
  if (connection === undefined) return proxy;
  return connection.roles.auth === 'iam' && connection.roles.resourceId.startsWith('prx-');
}

/**
 * Distributes the database's connections among the functions of the catalogue. Behind a proxy, a share is the number of
 * transactions that a function may have open at once.
 * @param pooled whether a proxy lends the connections; by default as configured.
 * @throws BudgetExceeded if the shares exceed `database.maxConnections`, PoolTooSmall if they exceed the proxy's pool.
 */
export function connectionBudget(
  config: Budgeted,
  functions: Catalogue = catalogue,
  pooled: boolean = isPooled(config.database),
): ConnectionBudget {
  const all = eachFunction(functions, (name, definition) => shareOf(name, definition, config, pooled));
  const shares = Object.entries(all).flatMap(([name, share]) =>
    share === undefined ? [] : [{ name, ...share }],
  );
  // First the one that is usually lowered.
  shares.sort((a, b) => Number(b.name === 'process') - Number(a.name === 'process'));
  if (pooled) requirePool(config, shares, functions);
  shares.push({ name: 'reserve', connections: config.database.reserve, source: '' });
  shares.push({ name: 'superuser', connections: superuserReserved, source: '' });
  const total = shares.reduce((sum, { connections }) => sum + connections, 0);
  const available = config.database.maxConnections;
  if (total > available) {
    const lower = config.process.maxConcurrency - (total - available);
    throw new BudgetExceeded(
      'database.maxConnections',
      `The connection budget does not hold: ${sumOf(shares)} = ${total}, but database.maxConnections is ${available}. Lower ` +
        `process.maxConcurrency to ${Math.max(0, lower)} or less, lower api.maxConcurrency, raise ` +
        'database.maxConnections with a larger server, or set database.proxy, which lends a connection for a transaction only.',
    );
  }
  const byName = Object.fromEntries(shares.map(({ name, connections }) => [name, connections]));
  return { ...byName, total, available } as ConnectionBudget;
}

interface Share {
  name: string;
  connections: number;
  /** In parentheses, the setting behind the number. */
  source: string;
}

function sumOf(shares: readonly Share[]): string {
  return shares.map(({ name, connections, source }) => `${name} ${connections}${source}`).join(' + ');
}

/** @throws PoolTooSmall */
function requirePool(config: Budgeted, shares: readonly Share[], functions: Catalogue): void {
  const owners = ownerFunctions(functions) as string[];
  const inPool = shares.filter(({ name }) => !owners.includes(name));
  const sum = inPool.reduce((total, { connections }) => total + connections, 0);
  const { percent, connections } = poolConnections(config, functions);
  if (sum <= connections) return;
  throw new PoolTooSmall(
    'database.proxy',
    `The proxy’s pool is too small: ${sumOf(inPool)} = ${sum} transactions at once, but ${percent} % of ` +
      `database.maxConnections ${config.database.maxConnections} are ${connections} connections. Lower ` +
      'process.maxConcurrency, api.maxConcurrency or database.reserve, or raise database.maxConnections with a larger server.',
  );
}

/** Connections of a function, and in parentheses the setting behind them. */
function shareOf(
  name: FunctionName,
  { database, maxConcurrency }: FunctionDefinition,
  config: SizedBy,
  pooled: boolean,
): Omit<Share, 'name'> | undefined {
  if (database === undefined) return undefined;
  if (typeof database.connections === 'number') return { connections: database.connections, source: '' };
  const executions = maxConcurrency(config);
  if (executions === undefined)
    throw new TypeError(`${name} holds ${database.connections} connections and has no maxConcurrency`);
  const setting = `${name}.maxConcurrency`;
  if (database.connections === 'persistent')
    return pooled
      ? { connections: executions, source: ` (${setting})` }
      : { connections: 2 * executions, source: ` (2 × ${setting} ${executions})` };
  if (!pooled) return { connections: executions, source: ` (${setting})` };
  const [transaction, image] = [transactionSeconds, imageSeconds].map((seconds) => 1000 * seconds);
  return {
    connections: transactionsAtOnce(executions),
    source: ` (${setting} ${executions} × ${transaction} ms of ${image} ms × ${peakFactor})`,
  };
}

/** Transactions that executions of `process` have open at once: their share of an image’s time, at a peak. */
export function transactionsAtOnce(executions: number): number {
  const mean = (executions * transactionSeconds) / imageSeconds;
  // Without the last digits, which are an error of the division.
  return Math.ceil(Number((mean * peakFactor).toFixed(6)));
}

/** Connections that a proxy may open: all but those that bypass it. It takes whole percents of `max_connections`. */
export function poolConnections(
  { database: { maxConnections, reserve } }: Pick<Budgeted, 'database'>,
  functions: Catalogue = catalogue,
): { percent: number; connections: number } {
  const owner = ownerFunctions(functions).reduce(
    (sum, name) => sum + Number(functions[name].database?.connections),
    0,
  );
  const percent = Math.max(
    0,
    Math.floor((100 * (maxConnections - owner - reserve - superuserReserved)) / maxConnections),
  );
  return { percent, connections: Math.floor((percent * maxConnections) / 100) };
}

/** Functions that log in as the owner: they bypass a proxy and have no CONNECTION LIMIT. */
export function ownerFunctions(functions: Catalogue = catalogue): ConnectedFunction[] {
  return namesWhere(({ database }) => database?.role === 'owner', functions) as ConnectedFunction[];
}

/**
 * The roles that `migrate` creates, with their CONNECTION LIMITs: without a pool, their shares. A pool keeps a role's
 * connections on several independent machines: with only its share, the role would be refused on one machine while its
 * connections idle on another. So the pool is bounded as a whole, and each role by the pool.
 * @throws BudgetExceeded, PoolTooSmall
 */
export function roleShares(config: Budgeted, pooled = false, functions: Catalogue = catalogue): RoleShares {
  const budget = connectionBudget(config, functions, pooled);
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

import { executionsOf } from '../deliveries.ts';
import type { Scope } from '../scope.ts';
import type { Resource, Templates } from '../template.ts';
import { targetOf } from './servers.ts';

/** A function that reaches Postgres, and what each of its environments holds. */
export interface Client {
  target: Resource;
  servers: readonly Resource[];
  connections: number;
  persistent: boolean;
}

/** A proxy with the functions that use it. */
export interface Pool {
  proxy: Resource;
  /** Undefined if it is not in the templates. */
  group: Resource | undefined;
  clients: readonly Client[];
}

/** A Postgres with all that reaches it; the server is undefined for one outside the templates. */
export interface Load {
  server: Resource | undefined;
  direct: readonly Client[];
  pools: readonly Pool[];
}

/** The loads of all Postgres that at least one function behind a queue reaches. */
export function loadsOf({ templates, deliveries }: Scope, clients: readonly Client[]): Load[] {
  const behindQueue = (client: Client) => deliveries.some(({ target }) => target === client.target);
  const pools = poolsOf(templates, clients);
  const direct = clients.flatMap((client) => {
    const own = client.servers.filter(({ type }) => type !== 'AWS::RDS::DBProxy');
    const servers: (Resource | undefined)[] = client.servers.length === 0 ? [undefined] : own;
    return servers.map((server) => ({ server, client }));
  });
  const servers = new Set([...direct, ...pools].map(({ server }) => server));
  return [...servers]
    .map((server) => ({
      server,
      direct: direct.filter((one) => one.server === server).map(({ client }) => client),
      pools: pools.filter((one) => one.server === server),
    }))
    .filter((load) => [...load.direct, ...load.pools.flatMap((pool) => pool.clients)].some(behindQueue));
}

function poolsOf(templates: Templates, clients: readonly Client[]) {
  const proxies = new Set(
    clients.flatMap(({ servers }) => servers.filter(({ type }) => type === 'AWS::RDS::DBProxy')),
  );
  return [...proxies].map((proxy) => ({
    proxy,
    ...(targetOf(templates, proxy) ?? { group: undefined, server: undefined }),
    clients: clients.filter(({ servers }) => servers.includes(proxy)),
  }));
}

/**
 * Connections that a function may hold together: twice for persistent ones, because during a deployment the environments
 * of the old version keep theirs.
 * @throws Unresolved if nothing limits its executions.
 */
export function demandOf(
  scope: Scope,
  { target, connections, persistent }: Client,
): [name: string, count: number] {
  const executions = executionsOf(scope, target);
  const generations = persistent ? 2 : 1;
  const written = [
    ...(persistent ? ['2 generations'] : []),
    `${executions} executions`,
    `${connections}`,
  ].join(' × ');
  return [`${target.path} (${written})`, generations * executions * connections];
}

/**
 * Connections that a pool lends together: those of one generation, because idle environments borrow none.
 * @throws Unresolved if nothing limits the executions of a function.
 */
export function lentTo(scope: Scope, clients: readonly Client[]): { sum: number; written: string } {
  const all = clients.map(({ target, connections }) => connections * executionsOf(scope, target));
  const sum = all.reduce((total, one) => total + one, 0);
  return { sum, written: all.length > 1 ? `${all.join(' + ')} = ${sum}` : String(sum) };
}

import { lentTo, loadsOf, type Pool } from '../database/clients.ts';
import { type ConnectionFacts, limitFor, poolSize } from '../database/facts.ts';
import { findingIf, type TemplateRule } from '../rule.ts';
import type { Scope } from '../scope.ts';

/** A proxy lends at least one connection to each execution, or the others wait. */
export const proxyPool: TemplateRule<ConnectionFacts> = {
  name: 'ProxyPool',
  severity: 'warning',
  fix: 'Lower MaximumConcurrency, raise MaxConnectionsPercent, or acknowledge that executions share connections by transaction.',
  findings: (scope, facts) =>
    ofPools(scope, facts, (pool, size, server) => {
      const { sum, written } = lentTo(scope, pool.clients);
      return sum > size
        ? `executions may need ${written} > ${size} connections of the pool (of ${server} connections): the others wait, ` +
            'for as long as a pinned session or a long transaction lasts'
        : undefined;
    }),
};

/** A function outlives the wait for a connection of the pool. */
export const proxyWait: TemplateRule<ConnectionFacts> = {
  name: 'ProxyWait',
  severity: 'error',
  fix: 'Lower ConnectionBorrowTimeout of the proxy below the Timeout of the function.',
  findings: (scope, facts) =>
    ofPools(scope, facts, (pool, size) => {
      const { sum, written } = lentTo(scope, pool.clients);
      if (sum <= size || pool.group === undefined) return undefined;
      const path = ['ConnectionPoolConfigurationInfo', 'ConnectionBorrowTimeout'];
      // Defaults of RDS and Lambda.
      const wait = scope.templates.number(pool.group, path, 120);
      const killed = pool.clients.filter(
        ({ target }) => scope.templates.number(target, ['Timeout'], 3) <= wait,
      );
      return killed.length === 0
        ? undefined
        : `with ${written} > ${size}, an execution waits up to ${wait} s for a connection, not less than the timeout of ` +
            killed.map(({ target }) => target.path).join(', ');
    }),
};

function ofPools(
  scope: Scope,
  facts: ConnectionFacts,
  describe: (pool: Pool, size: number, server: number) => string | undefined,
) {
  return loadsOf(scope, facts.clients).flatMap((load) =>
    load.pools.flatMap((pool) =>
      findingIf(pool.proxy, () => {
        const { connections } = limitFor(scope.templates, load, facts);
        return describe(pool, poolSize(scope.templates, pool, connections), connections);
      }),
    ),
  );
}

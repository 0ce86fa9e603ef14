import { requireConnections } from '../../rules/connections.ts';
import { demandOf, type Load, lentTo, loadsOf } from '../database/clients.ts';
import { type ConnectionFacts, limitFor, poolSize, subjectOf } from '../database/facts.ts';
import { type Finding, findingsOf, type TemplateRule } from '../rule.ts';
import type { Scope } from '../scope.ts';

/** The connections of all functions that reach a Postgres fit its `max_connections`. */
export const maxConnections: TemplateRule<ConnectionFacts> = {
  name: 'MaxConnections',
  severity: 'error',
  fix:
    'Lower MaximumConcurrency and reserved concurrency, close connections at the end of an invocation (`persistent: ' +
    'false`), put RDS Proxy in front of the server, or raise max_connections with a larger server.',
  findings: (scope, facts) => loadsOf(scope, facts.clients).flatMap((load) => ofLoad(scope, load, facts)),
};

function ofLoad(scope: Scope, load: Load, facts: ConnectionFacts): Finding[] {
  const { direct, pools } = load;
  const subject = subjectOf(load);
  if (subject === undefined) return [];
  const shares: Record<string, number> = {};
  // One function without a limit does not hide the sum of the others.
  const unknown = [...direct, ...pools.flatMap(({ clients }) => clients)].flatMap((client) =>
    findingsOf(client.target, () => void demandOf(scope, client)),
  );
  const known = (clients: Load['direct']) =>
    clients.filter(({ target }) => !unknown.some(({ resource }) => resource === target));
  const judged = findingsOf(subject, () => {
    const { connections, source } = limitFor(scope.templates, load, facts);
    for (const client of known(direct)) {
      const [name, count] = demandOf(scope, client);
      shares[name] = count;
    }
    for (const pool of pools) {
      const { sum } = lentTo(scope, known(pool.clients));
      shares[`${pool.proxy.path} (proxy)`] = Math.min(poolSize(scope.templates, pool, connections), sum);
    }
    requireConnections({ ...shares, reserve: facts.reserve }, connections, `max_connections, ${source}`);
  });
  return [...unknown, ...judged];
}

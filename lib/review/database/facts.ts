import type { Resource, Templates } from '../template.ts';
import { Unresolved } from '../unresolved.ts';
import type { Client, Load, Pool } from './clients.ts';
import { limitOf, poolPercent, type ServerLimit } from './limits.ts';

/** Facts for rules about connections. */
export interface ConnectionFacts {
  /** Given by the app, for a server (or what leads to one outside the templates), or for all. */
  maxConnections(server: Resource): number | undefined;
  /** Connections kept free for people and superusers. */
  reserve: number;
  clients: readonly Client[];
}

/** What findings about a load are about: its server, or what leads to it. */
export function subjectOf({ server, direct: [client], pools: [pool] }: Load): Resource | undefined {
  return server ?? pool?.proxy ?? client?.target;
}

/** @throws Unresolved */
export function limitFor(templates: Templates, load: Load, facts: ConnectionFacts): ServerLimit {
  const subject = subjectOf(load);
  const given = subject === undefined ? undefined : facts.maxConnections(subject);
  if (given !== undefined) return { connections: given, source: 'as given' };
  if (load.server !== undefined) return limitOf(templates, load.server);
  throw new Unresolved(
    'the Postgres is not in these templates; give its max_connections as `maxConnections`',
  );
}

/**
 * Connections that a proxy may open.
 * @throws Unresolved
 */
export function poolSize(templates: Templates, { proxy, group }: Pool, available: number): number {
  if (group === undefined)
    throw new Unresolved(`the target group of ${proxy.path} is not in these templates`);
  return Math.floor((poolPercent(templates, group) * available) / 100);
}

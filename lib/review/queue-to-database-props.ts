import type { Resource, Templates } from './template.ts';

/** Connections of a function. */
export interface FunctionConnections {
  /** Connections that an execution environment holds; by default 1. */
  connections?: number;
  /** Whether it keeps them between invocations, so that a deployment has two generations of them; by default true. */
  persistent?: boolean;
}

export interface QueueToDatabaseReviewProps {
  /**
   * `max_connections` of every Postgres, or by the construct path of a server. By default that of the parameter group, or
   * RDS's own value for the instance class or capacity.
   */
  maxConnections?: number | Readonly<Record<string, number>>;
  /** Connections kept free for people and superusers; by default 3, which PostgreSQL reserves. */
  reserve?: number;
  /** For functions without an entry in `functions`. */
  defaults?: FunctionConnections;
  /**
   * Connections of functions by their construct path. An entry also says that the function reaches Postgres, and `false`
   * that it does not.
   */
  functions?: Readonly<Record<string, FunctionConnections | false>>;
  /** Severity by rule. `error` and `fatal` fail the synthesis; `fatal` cannot be acknowledged; `off` skips the rule. */
  severity?: Readonly<Record<string, 'fatal' | 'error' | 'warning' | 'info' | 'off'>>;
}

/** @throws RangeError for a rule that does not exist, and for a number that is none of connections. */
export function requireValid(props: QueueToDatabaseReviewProps, rules: readonly string[]): void {
  const unknown = Object.keys(props.severity ?? {}).find((name) => !rules.includes(name));
  if (unknown !== undefined) throw new RangeError(`There is no rule ${unknown}, only ${rules.join(', ')}`);
  const { maxConnections, reserve = 0, defaults, functions = {} } = props;
  const limits = typeof maxConnections === 'number' ? { all: maxConnections } : (maxConnections ?? {});
  const held = Object.entries({ ...functions, defaults }).map(
    ([path, one]) => [path, one ? (one.connections ?? 1) : 1] as const,
  );
  for (const [path, count] of [...Object.entries(limits), ...held])
    if (!Number.isInteger(count) || count < 1)
      throw new RangeError(`${path}: ${count} is not a number of connections, 1 or more`);
  if (!Number.isInteger(reserve) || reserve < 0) throw new RangeError(`reserve: ${reserve} is not 0 or more`);
}

/** @throws RangeError if a construct path of the props names nothing in the templates. */
export function requirePaths(props: QueueToDatabaseReviewProps, templates: Templates): void {
  const { functions = {}, maxConnections = {} } = props;
  for (const path of [...Object.keys(functions), ...Object.keys(maxConnections)])
    if (!templates.resources.some((one) => isAt(one, path)))
      throw new RangeError(`There is no resource at the construct path ${path}`);
}

/** The entry whose construct path is the closest above a resource. */
export function entryFor<Entry>(
  entries: Readonly<Record<string, Entry>>,
  resource: Resource,
): Entry | undefined {
  const [closest] = Object.keys(entries)
    .filter((path) => isAt(resource, path))
    .sort((a, b) => b.length - a.length);
  return closest === undefined ? undefined : entries[closest];
}

function isAt({ path }: Resource, above: string): boolean {
  return `${path}/Resource/`.startsWith(`${above}/`);
}

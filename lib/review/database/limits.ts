import { connectionsOf } from '../../rules/capacity.ts';
import { connectionsOfInstance } from '../../rules/instance-memory.ts';
import type { Resource, Templates } from '../template.ts';
import { Unresolved } from '../unresolved.ts';

/** Connections of a server, and where the number comes from. */
export interface ServerLimit {
  connections: number;
  source: string;
}

/** `max_connections` of the first of these parameter groups that sets it; RDS's own formula counts as not set. */
export function maxConnectionsParameter(
  templates: Templates,
  groups: readonly Resource[],
): number | undefined {
  const path = ['Parameters', 'max_connections'];
  const given = groups.find((group) => {
    const value = templates.property(group, ...path);
    return value !== undefined && !/^LEAST\(\{DBInstanceClassMemory\/9531392\}, ?5000\)$/.test(String(value));
  });
  return given === undefined ? undefined : templates.number(given, path, undefined);
}

/** Percentage of `max_connections` that a proxy may use; RDS's default is all. */
export function poolPercent(templates: Templates, targets: Resource): number {
  return templates.number(targets, ['ConnectionPoolConfigurationInfo', 'MaxConnectionsPercent'], 100);
}

/**
 * `max_connections` of a server: of its parameter group, else what RDS gives its instance class or capacity. For a
 * cluster the least of its instances, because each may become the writer.
 * @throws Unresolved
 */
export function limitOf(templates: Templates, server: Resource): ServerLimit {
  const members = templates
    .ofType('AWS::RDS::DBInstance')
    .filter(
      ({ properties, templatePath }) =>
        templates.resourceOf(properties.DBClusterIdentifier, templatePath) === server,
    );
  const groups = [...members, server].flatMap(({ properties, templatePath }) =>
    templates.resourcesOf(
      [properties.DBParameterGroupName, properties.DBClusterParameterGroupName],
      templatePath,
    ),
  );
  const set = maxConnectionsParameter(templates, groups);
  if (set !== undefined) return { connections: set, source: 'of its parameter group' };
  const limits = (members.length > 0 ? members : [server]).map((one) => ofClass(templates, one, server));
  return limits.reduce((least, one) => (one.connections < least.connections ? one : least));
}

function ofClass(templates: Templates, instance: Resource, server: Resource): ServerLimit {
  const name = templates.property(instance, 'DBInstanceClass');
  if (name === 'db.serverless') return ofCapacity(templates, server);
  const connections = typeof name === 'string' ? connectionsOfInstance(name.replace(/^db\./, '')) : undefined;
  if (connections !== undefined) return { connections, source: `estimated for ${name}` };
  throw new Unresolved(
    `max_connections of ${server.path} is in no parameter group, and its class is ${JSON.stringify(name)}; give it ` +
      'as `maxConnections`',
  );
}

function ofCapacity(templates: Templates, cluster: Resource): ServerLimit {
  const units = (name: string) =>
    templates.number(cluster, ['ServerlessV2ScalingConfiguration', name], undefined);
  const [min, max] = [units('MinCapacity'), units('MaxCapacity')];
  if (min === undefined || max === undefined)
    throw new Unresolved(`${cluster.path} has no ServerlessV2ScalingConfiguration`);
  return { connections: connectionsOf({ min, max }), source: `of Aurora at ${min} to ${max} units` };
}

import type { Resource, Templates } from '../template.ts';

/** Whether a server may be a Postgres: unless its engine, or that of what it replicates, is known to be another. */
function mayBePostgres(templates: Templates, server: Resource): boolean {
  const { type, properties, templatePath } = server;
  const engine = templates.property(server, type === 'AWS::RDS::DBProxy' ? 'EngineFamily' : 'Engine');
  const source = templates.resourceOf(properties.SourceDBInstanceIdentifier, templatePath);
  if (engine === undefined && source !== undefined && source !== server)
    return mayBePostgres(templates, source);
  return typeof engine !== 'string' || /postgres/i.test(engine);
}

/** Instances, clusters and proxies of Postgres behind a value: by its references, or by the secret of a server. */
export function serversOf(templates: Templates, value: unknown, templatePath: string): Resource[] {
  const found = templates
    .resourcesOf(value, templatePath)
    .flatMap((resource) => serversBehind(templates, resource));
  return [...new Set(found)].filter((server) => mayBePostgres(templates, server));
}

function serversBehind(templates: Templates, resource: Resource): Resource[] {
  const { type, properties, templatePath } = resource;
  const follow = (value: unknown) =>
    templates
      .resourcesOf(value, templatePath)
      .flatMap((one) => (one === resource ? [] : serversBehind(templates, one)));
  switch (type) {
    case 'AWS::RDS::DBInstance': {
      const cluster = templates.resourceOf(properties.DBClusterIdentifier, templatePath);
      return [cluster ?? resource];
    }
    case 'AWS::RDS::DBCluster':
    case 'AWS::RDS::DBProxy':
      return [resource];
    case 'AWS::RDS::DBProxyEndpoint':
      return follow(properties.DBProxyName);
    case 'AWS::SecretsManager::SecretTargetAttachment':
      return follow(properties.TargetId);
    case 'AWS::SecretsManager::Secret':
      return serversWithSecret(templates, resource);
    default:
      return [];
  }
}

function serversWithSecret(templates: Templates, secret: Resource): Resource[] {
  const servers = templates.ofType('AWS::RDS::DBInstance', 'AWS::RDS::DBCluster');
  return servers.filter(({ properties, templatePath }) =>
    templates
      .resourcesOf([properties.MasterUsername, properties.MasterUserPassword], templatePath)
      .includes(secret),
  );
}

/** A proxy's target group and server. */
export interface ProxyTarget {
  group: Resource;
  server: Resource | undefined;
}

/** Undefined if the proxy's target group is not in these templates. */
export function targetOf(templates: Templates, proxy: Resource): ProxyTarget | undefined {
  const group = templates
    .ofType('AWS::RDS::DBProxyTargetGroup')
    .find(
      ({ properties, templatePath }) => templates.resourceOf(properties.DBProxyName, templatePath) === proxy,
    );
  if (group === undefined) return undefined;
  const { DBInstanceIdentifiers, DBClusterIdentifiers } = group.properties;
  const [server] = serversOf(templates, [DBInstanceIdentifiers, DBClusterIdentifiers], group.templatePath);
  return { group, server };
}

import { statements } from '../statements.ts';
import type { Resource, Templates } from '../template.ts';
import { serversOf, targetOf } from './servers.ts';

/** Values by which programs are told a Postgres outside the templates. */
const address = /postgres(ql)?:\/\/|\.rds\.amazonaws\.com/;
/** Names of libpq's variables, of which one is enough to connect. */
const libpq = ['PGHOST', 'PGHOSTADDR', 'PGSERVICE'];

/**
 * The instances, clusters and proxies of Postgres that a function reaches by its environment, network or permissions: none
 * if it reaches one outside the templates, undefined if it reaches nothing.
 */
export function reachOf(templates: Templates, target: Resource): Resource[] | undefined {
  const environment = (templates.property(target, 'Environment', 'Variables') ?? {}) as Record<
    string,
    unknown
  >;
  const named = serversOf(templates, environment, target.templatePath);
  const permitted = permissionsOf(templates, target);
  const servers = new Set([
    ...named,
    ...admitting(templates, target),
    ...permitted.flatMap(({ servers }) => servers),
  ]);
  // What it reaches through a proxy it does not reach itself, unless it is given the address too.
  for (const proxy of [...servers].filter(({ type }) => type === 'AWS::RDS::DBProxy')) {
    const server = targetOf(templates, proxy)?.server;
    if (server !== undefined && !addressed(templates, environment, server, target)) servers.delete(server);
  }
  if (servers.size > 0) return [...servers];
  const elsewhere =
    permitted.some(({ actions }) => actions.some((action) => /^rds-db:(connect|\*)$/.test(action))) ||
    libpq.some((name) => environment[name] !== undefined) ||
    address.test(JSON.stringify(environment));
  return elsewhere ? [] : undefined;
}

/** Whether the environment refers to the server itself, not only to its secret. */
function addressed(templates: Templates, environment: object, server: Resource, target: Resource): boolean {
  return templates.resourcesOf(environment, target.templatePath).includes(server);
}

/** Servers whose security group admits one of the function's. */
function admitting(templates: Templates, target: Resource): Resource[] {
  const own = groupsIn(
    templates,
    templates.property(target, 'VpcConfig', 'SecurityGroupIds'),
    target.templatePath,
  );
  const admitted = new Set(
    templates.ofType('AWS::EC2::SecurityGroupIngress', 'AWS::EC2::SecurityGroup').flatMap((resource) => {
      const { properties, templatePath } = resource;
      const inline = resource.type === 'AWS::EC2::SecurityGroup';
      const sources = inline ? properties.SecurityGroupIngress : properties.SourceSecurityGroupId;
      const matches = groupsIn(templates, sources, templatePath).some((group) => own.includes(group));
      if (!matches) return [];
      return inline ? [keyOf(resource)] : groupsIn(templates, properties.GroupId, templatePath);
    }),
  );
  return templates
    .ofType('AWS::RDS::DBInstance', 'AWS::RDS::DBCluster', 'AWS::RDS::DBProxy')
    .filter(({ properties, templatePath }) =>
      groupsIn(templates, [properties.VPCSecurityGroups, properties.VpcSecurityGroupIds], templatePath).some(
        (group) => admitted.has(group),
      ),
    )
    .flatMap((one) => serversOf(templates, { Ref: one.id }, one.templatePath));
}

/** Security groups in a value: resources, and ids of groups outside the templates. */
function groupsIn(templates: Templates, value: unknown, templatePath: string): string[] {
  const ids = JSON.stringify(value ?? '').match(/\bsg-[0-9a-f]+\b/g) ?? [];
  const resources = templates.resourcesOf(value, templatePath);
  return [...ids, ...resources.filter(({ type }) => type === 'AWS::EC2::SecurityGroup').map(keyOf)];
}

const keyOf = ({ templatePath, id }: Resource) => `${templatePath} ${id}`;

/** Connections and secrets that the function's role allows. */
function permissionsOf(templates: Templates, target: Resource): { actions: string[]; servers: Resource[] }[] {
  const role = templates.resourceOf(target.properties.Role, target.templatePath);
  if (role === undefined) return [];
  const attached = templates.resourcesOf(role.properties.ManagedPolicyArns, role.templatePath);
  const policies = templates
    .ofType('AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy', 'AWS::IAM::RolePolicy')
    .filter(
      (policy) =>
        attached.includes(policy) ||
        templates
          .resourcesOf([policy.properties.Roles, policy.properties.RoleName], policy.templatePath)
          .includes(role),
    );
  return [role, ...policies].flatMap(({ properties, templatePath }) =>
    statements([properties.PolicyDocument, properties.Policies])
      .map(({ Action, Resource: on }) => ({ actions: [Action].flat().map(String), on }))
      .filter(({ actions }) =>
        actions.some((action) => /^(rds-db:(connect|\*)|secretsmanager:GetSecretValue)$/.test(action)),
      )
      .map(({ actions, on }) => ({ actions, servers: serversOf(templates, on, templatePath) })),
  );
}

import { CfnResource, Stack, Tokenization } from 'aws-cdk-lib';
import { type IVpc, Peer, Port, SecurityGroup, type SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { Endpoint, IDatabaseCluster, IDatabaseInstance } from 'aws-cdk-lib/aws-rds';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { DatabaseSettings, FunctionNetwork, RoleLogin } from './connection.ts';
import { Endpoints } from './endpoints.ts';

/** A database server that the app creates or imports. */
export interface ExistingServer {
  server: IDatabaseInstance | IDatabaseCluster;
  /** Name of the database on the server. */
  name: string;
  /**
   * The user that runs the migrations. The secret is JSON with a field `password`. Default: the server's own secret, or
   * login by IAM if it has none.
   */
  owner: { user: string; secret?: ISecret };
  /** Default: by IAM, which must be enabled on the server (`iamAuthentication`). */
  roles?: RoleLogin;
}

export function isServer(
  database: DatabaseSettings | ExistingServer | undefined,
): database is ExistingServer {
  return database !== undefined && !('host' in database);
}

/** The VPC of a server, if its construct exposes it. */
export function vpcOf({ server }: ExistingServer): IVpc | undefined {
  return (server as { vpc?: IVpc }).vpc;
}

/** What is wrong with or missing from a server, each with its path in the props. */
export function serverMistakes({ server, owner, roles }: ExistingServer): string[] {
  const { engineType = 'postgres' } = server.engine ?? {};
  const byIam = [
    ...(secretOf(server, owner.secret) === undefined ? ['database.owner.secret'] : []),
    ...(roles === undefined ? ['database.roles'] : []),
  ];
  const mistakes: [boolean, string][] = [
    [!engineType.includes('postgres'), `is ${engineType}, but must be PostgreSQL`],
    [endpointOf(server) === undefined, 'import it with its endpoint (address and port)'],
    [
      byIam.length > 0 && resourceIdOf(server) === undefined,
      'import it with its resource id (db-… or cluster-…), which login by IAM needs, or pass ' +
        byIam.join(' and '),
    ],
  ];
  return mistakes.flatMap(([found, mistake]) => (found ? [`database.server: ${mistake}`] : []));
}

/**
 * Reports a server of the app without login by IAM although the pipeline needs it. Run it once the app is complete: other
 * code may enable it later, such as the server's `grantConnect`.
 */
export function withoutIam({ server, owner, roles }: ExistingServer): string[] {
  const byIam = roles?.auth !== 'password' || secretOf(server, owner.secret) === undefined;
  const resource = server.node.defaultChild;
  if (!byIam || !CfnResource.isCfnResource(resource) || !('enableIamDatabaseAuthentication' in resource))
    return [];
  const enabled: unknown = Stack.of(server).resolve(resource.enableIamDatabaseAuthentication);
  if (enabled !== undefined && enabled !== false) return [];
  return [
    `${server.node.path} does not accept login by IAM, which the pipeline uses: set iamAuthentication: true on the server, ` +
      'or give the pipeline passwords (database.owner.secret and database.roles).',
  ];
}

/** The database settings of a server that has passed `serverMistakes`. */
export function settingsOfServer({ server, name, owner, roles }: ExistingServer): DatabaseSettings {
  const secret = secretOf(server, owner.secret);
  const resourceId = resourceIdOf(server) ?? '';
  const endpoint = endpointOf(server);
  if (endpoint === undefined) throw new TypeError('a server without an endpoint is a mistake');
  return {
    host: endpoint.hostname,
    port: Tokenization.stringifyNumber(endpoint.port),
    name,
    tls: 'verify',
    owner: { user: owner.user, ...(secret === undefined ? { resourceId } : { secret }) },
    roles: roles ?? { auth: 'iam', resourceId },
    connections: server.connections,
    server,
  };
}

/** The functions' network in an existing VPC: a security group of their own that allows the calls they make. */
export function functionsIn(scope: Construct, vpc: IVpc, subnets: SubnetSelection = {}): FunctionNetwork {
  const group = new SecurityGroup(scope, 'Functions', {
    vpc,
    description: 'Functions of the pipeline',
    allowAllOutbound: false,
  });
  group.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'S3, SQS and Secrets Manager');
  Endpoints.of(vpc)?.allowFrom(group);
  return { vpc, subnets, securityGroups: [group] };
}

function secretOf(server: ExistingServer['server'], given: ISecret | undefined): ISecret | undefined {
  return given ?? (server as { secret?: ISecret }).secret;
}

function resourceIdOf(server: ExistingServer['server']): string | undefined {
  return whereKnown(() =>
    'instanceIdentifier' in server ? server.instanceResourceId : server.clusterResourceIdentifier,
  );
}

function endpointOf(server: ExistingServer['server']): Endpoint | undefined {
  return whereKnown(() => ('instanceEndpoint' in server ? server.instanceEndpoint : server.clusterEndpoint));
}

/** The CDK throws for attributes that an imported cluster lacks. */
function whereKnown<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

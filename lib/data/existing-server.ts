import { CfnResource, Stack, Tokenization } from 'aws-cdk-lib';
import { type IVpc, Peer, Port, SecurityGroup, type SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { Endpoint, IDatabaseCluster, IDatabaseInstance } from 'aws-cdk-lib/aws-rds';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { DatabaseSettings, FunctionNetwork, RoleLogin } from './connection.ts';
import { Endpoints } from './endpoints.ts';

/** A server of the app, or one that was imported into it. */
export interface ExistingServer {
  server: IDatabaseInstance | IDatabaseCluster;
  /** Of the database in it. */
  name: string;
  /**
   * Who runs the migrations. The secret is JSON with a field `password`; by default the one that the server has, and by
   * IAM where it has none.
   */
  owner: { user: string; secret?: ISecret };
  /** By default by IAM, which the server must have switched on (`iamAuthentication`). */
  roles?: RoleLogin;
}

export function isServer(
  database: DatabaseSettings | ExistingServer | undefined,
): database is ExistingServer {
  return database !== undefined && !('host' in database);
}

/** The VPC of a server, where the construct knows it. */
export function vpcOf({ server }: ExistingServer): IVpc | undefined {
  return (server as { vpc?: IVpc }).vpc;
}

/** What is wrong with a server or missing of it, each with its path in the props. */
export function serverMistakes({ server, owner, roles }: ExistingServer): string[] {
  const { engineType = 'postgres' } = server.engine ?? {};
  const byIam = [
    ...(secretOf(server, owner.secret) === undefined ? ['database.owner.secret'] : []),
    ...(roles === undefined ? ['database.roles'] : []),
  ];
  const mistakes: [boolean, string][] = [
    [!engineType.includes('postgres'), `is ${engineType}, and must be PostgreSQL`],
    [endpointOf(server) === undefined, 'import it with its endpoint (address and port)'],
    [
      byIam.length > 0 && resourceIdOf(server) === undefined,
      'import it with its resource id (db-… or cluster-…), by which IAM knows its users, or give ' +
        byIam.join(' and '),
    ],
  ];
  return mistakes.flatMap(([found, mistake]) => (found ? [`database.server: ${mistake}`] : []));
}

/**
 * That a server of the app would turn away who logs in by IAM. To be asked when the whole app is there: somebody may switch
 * it on later, `grantConnect` of the server among others.
 */
export function withoutIam({ server, owner, roles }: ExistingServer): string[] {
  const byIam = roles?.auth !== 'password' || secretOf(server, owner.secret) === undefined;
  const resource = server.node.defaultChild;
  if (!byIam || !CfnResource.isCfnResource(resource) || !('enableIamDatabaseAuthentication' in resource))
    return [];
  const enabled: unknown = Stack.of(server).resolve(resource.enableIamDatabaseAuthentication);
  if (enabled !== undefined && enabled !== false) return [];
  return [
    `${server.node.path} takes no logins by IAM, and the pipeline logs in so: give the server iamAuthentication: true, or ` +
      'the pipeline passwords (database.owner.secret and database.roles).',
  ];
}

/** A server as the pipeline takes it; `serverMistakes` has found nothing. */
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

/** Where functions run in a VPC that was there before: a group of their own, which lets out what they call. */
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

/** The CDK throws where a cluster was imported without. */
function whereKnown<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

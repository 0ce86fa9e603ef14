import {
  Connections,
  type ISecurityGroup,
  type IVpc,
  Port,
  SecurityGroup,
  Subnet,
  type SubnetSelection,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import type { IDatabaseCluster, IDatabaseInstance } from 'aws-cdk-lib/aws-rds';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { DatabaseConnection } from '../config/deployment.ts';

export interface FunctionNetwork {
  vpc: IVpc;
  subnets: SubnetSelection;
  securityGroups: ISecurityGroup[];
}

/** How the functions' database roles log in: by IAM as users of this server (`db-…`), or by a shared password. */
export type RoleLogin = { auth: 'iam'; resourceId: string } | { auth: 'password'; secret: ISecret };

/**
 * The user that runs the migrations. It logs in by IAM as a user of this server (`db-…` or `cluster-…`), or by a secret:
 * JSON with a field `password`. `address` is the server's own address if the functions connect through a proxy.
 */
export type Owner = { user: string; address?: { host: string; port: string } } & OwnerLogin;
export type OwnerLogin = { resourceId: string } | { secret: ISecret };

/** A cache for the counters of quotas, which the API enters by IAM as its user. */
export interface CacheSettings {
  host: string;
  port: string;
  /** Its name. */
  cache: string;
  /** Id and name of the user. */
  user: string;
}

/** The settings of a Postgres, created by the pipeline or existing. */
export interface DatabaseSettings {
  host: string;
  /** A string, because it may be known only at deployment. */
  port: string;
  name: string;
  tls: 'verify' | 'off';
  owner: Owner;
  roles: RoleLogin;
  /** Functions share the connections of a pool (RDS Proxy). */
  pooled?: boolean;
  /** Absent if the database is reachable without a VPC. */
  network?: FunctionNetwork;
  /** Security groups and port of `host`, to which ingress rules are added; absent if not known. */
  connections?: Connections;
  /** A cache in the same network, for `counters.store: 'valkey'`. */
  counters?: CacheSettings;
  /** The server construct, if the app has one. */
  server?: IDatabaseInstance | IDatabaseCluster;
}

/** The settings of an existing database from sluice.config.ts, without lookups. */
export function existingDatabase(scope: Construct, connection: DatabaseConnection): DatabaseSettings {
  const { host, port, name, tls, owner, roles, network } = connection;
  return {
    host,
    port: String(port),
    name,
    tls,
    owner: {
      user: owner.user,
      ...ownerLogin(scope, owner),
      ...(owner.host === undefined
        ? {}
        : { address: { host: owner.host, port: String(owner.port ?? port) } }),
    },
    pooled: roles.auth === 'iam' && roles.resourceId.startsWith('prx-'),
    roles:
      roles.auth === 'iam'
        ? roles
        : { auth: 'password', secret: Secret.fromSecretCompleteArn(scope, 'RolesSecret', roles.secretArn) },
    ...(network === undefined ? {} : { network: existingNetwork(scope, network) }),
    ...(network?.databaseSecurityGroupId === undefined
      ? {}
      : { connections: connectionsOf(scope, network.databaseSecurityGroupId, port) }),
  };
}

function ownerLogin(scope: Construct, { secretArn, resourceId }: DatabaseConnection['owner']): OwnerLogin {
  if (resourceId !== undefined) return { resourceId };
  if (secretArn !== undefined)
    return { secret: Secret.fromSecretCompleteArn(scope, 'OwnerSecret', secretArn) };
  throw new TypeError('the schema requires a login for the owner');
}

function existingNetwork(
  scope: Construct,
  network: NonNullable<DatabaseConnection['network']>,
): FunctionNetwork {
  const { vpcId, availabilityZones, subnetIds, securityGroupIds } = network;
  return {
    vpc: Vpc.fromVpcAttributes(scope, 'Vpc', { vpcId, availabilityZones }),
    subnets: { subnets: subnetIds.map((id, n) => Subnet.fromSubnetId(scope, `Subnet${n}`, id)) },
    securityGroups: securityGroupIds.map((id, n) =>
      SecurityGroup.fromSecurityGroupId(scope, `SecurityGroup${n}`, id, { mutable: false }),
    ),
  };
}

/** An existing group, to which rules are added. */
function connectionsOf(scope: Construct, groupId: string, port: number): Connections {
  const group = SecurityGroup.fromSecurityGroupId(scope, 'DatabaseGroup', groupId, { mutable: true });
  return new Connections({ securityGroups: [group], defaultPort: Port.tcp(port) });
}

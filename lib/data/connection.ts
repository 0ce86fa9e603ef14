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

/** From where the functions reach the database. */
export interface FunctionNetwork {
  vpc: IVpc;
  subnets: SubnetSelection;
  securityGroups: ISecurityGroup[];
}

/** How the functions' roles log in: by IAM as users of this server (`db-…`), or by one password. */
export type RoleLogin = { auth: 'iam'; resourceId: string } | { auth: 'password'; secret: ISecret };

/**
 * Who runs the migrations, and how: by IAM as a user of this server (`db-…` or `cluster-…`), or by a secret, JSON with a
 * field `password`. `address` is that of the server itself where the functions have a proxy before them.
 */
export type Owner = { user: string; address?: { host: string; port: string } } & OwnerLogin;
export type OwnerLogin = { resourceId: string } | { secret: ISecret };

/** A Postgres as the pipeline takes it, its own or one that was there before. */
export interface DatabaseSettings {
  host: string;
  /** Text, because it may be known at deploy only. */
  port: string;
  name: string;
  tls: 'verify' | 'off';
  owner: Owner;
  roles: RoleLogin;
  /** Functions share the connections of a pool (RDS Proxy) instead of having their own. */
  pooled?: boolean;
  /** Absent: the database is reached without a VPC. */
  network?: FunctionNetwork;
  /** Whom it lets in, by the groups and the port of what `host` names; absent where they are not known. */
  connections?: Connections;
  /** The server itself, where the app makes it or was given it. */
  server?: IDatabaseInstance | IDatabaseCluster;
}

/** The settings of an existing database, as they are written in sluice.config.ts. Looks nothing up. */
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
  throw new TypeError('the schema lets no owner through without a login');
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

/** Of a group that was there before; rules are added to it. */
function connectionsOf(scope: Construct, groupId: string, port: number): Connections {
  const group = SecurityGroup.fromSecurityGroupId(scope, 'DatabaseGroup', groupId, { mutable: true });
  return new Connections({ securityGroups: [group], defaultPort: Port.tcp(port) });
}

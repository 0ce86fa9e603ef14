import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  type CfnDBCluster,
  type CfnDBInstance,
  type CfnDBProxyTargetGroupProps,
  Credentials,
  type IDatabaseCluster,
  type IDatabaseInstance,
  type IEngine,
  ParameterGroup,
} from 'aws-cdk-lib/aws-rds';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { ResolvedConfig } from '../config/schema.ts';
import type { OwnerLogin } from './connection.ts';
import { durability } from './durability.ts';
import { databasePort, type Network } from './network.ts';

/** What both kinds of server are made with. */
export interface ServerProps {
  config: ResolvedConfig;
  network: Network;
  key: IKey;
  /** Of the server or the cluster, in this account and region. RDS names its log groups by it. */
  identifier: string;
}

/** A Postgres of the deployment's own, whatever RDS calls it. */
export interface Server {
  host: string;
  port: string;
  owner: OwnerLogin;
  /** By which IAM knows its users: `db-…` or `cluster-…`. */
  resourceId: string;
  /** What a proxy in front of it names as its target. */
  target: Pick<CfnDBProxyTargetGroupProps, 'dbInstanceIdentifiers' | 'dbClusterIdentifiers'>;
  /** The construct of the CDK. */
  server: IDatabaseInstance | IDatabaseCluster;
  /** All of it is there when these are. */
  parts: Construct[];
  /** What holds nothing of its own, and goes whatever is kept: switched off it would run on, and be paid for. */
  replaceable?: Construct[];
}

/** The user that owns the database and runs the migrations. */
export const owner = 'sluice_owner';
export const databaseName = 'sluice';

/**
 * What is the same for both kinds: who owns it, where it stands, and that nobody gets in without TLS.
 * @param parameters with an `id` of their group, another one for each engine: the types of these groups differ, and
 * CloudFormation takes no other type under an id that it knows.
 */
export function commonServerProps(
  scope: Construct,
  engine: IEngine,
  parameters: { id: string; others?: Record<string, string> },
  { config, network, key }: ServerProps,
) {
  return {
    vpc: network.vpc,
    vpcSubnets: network.subnets,
    securityGroups: [network.database],
    port: databasePort,
    credentials: Credentials.fromUsername(owner),
    // Also where the owner needs none (`ownerLogin`): without it the CDK makes a secret of its own.
    manageMasterUserPassword: true,
    iamAuthentication: true,
    parameterGroup: new ParameterGroup(scope, parameters.id, {
      engine,
      description: 'What the connection budget counts with',
      parameters: {
        max_connections: String(config.database.maxConnections),
        'rds.force_ssl': '1',
        ...parameters.others,
      },
    }),
    storageEncryptionKey: key,
    autoMinorVersionUpgrade: true,
    ...durability(config),
  };
}

/**
 * How the owner logs in. By IAM from birth there is no password of it anywhere: no secret, no endpoint to fetch it by, no
 * rotation. By password RDS makes one, keeps it in Secrets Manager and changes it every seven days.
 * @param secret the one that the CDK knows of where RDS makes it.
 */
export function ownerLogin(
  server: CfnDBInstance | CfnDBCluster,
  { ownerLogin: by }: ResolvedConfig['database'],
  resourceId: string,
  secret: ISecret | undefined,
): OwnerLogin {
  if (by === 'password') {
    if (secret === undefined) throw new TypeError(`${server.node.path}: RDS named no secret`);
    // Said, and not left to RDS: a server whose owner logged in by IAM is to learn of it.
    server.masterUserAuthenticationType = 'password';
    return { secret };
  }
  // RDS takes no password beside it, ours or its own. The constructs of the CDK do not know of it yet.
  server.masterUserAuthenticationType = 'iam-db-auth';
  server.manageMasterUserPassword = undefined;
  return { resourceId };
}

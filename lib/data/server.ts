import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
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
  /** RDS makes the owner's password, keeps it in Secrets Manager and changes it every seven days. */
  secret: ISecret;
  /** By which IAM knows its users: `db-…` or `cluster-…`. */
  resourceId: string;
  /** What a proxy in front of it names as its target. */
  target: Pick<CfnDBProxyTargetGroupProps, 'dbInstanceIdentifiers' | 'dbClusterIdentifiers'>;
  /** The construct of the CDK. */
  server: IDatabaseInstance | IDatabaseCluster;
  /** All of it is there when these are. */
  parts: Construct[];
}

/** The user that owns the database and runs the migrations. */
export const owner = 'sluice_owner';
export const databaseName = 'sluice';

/** What is the same for both kinds: who owns it, where it stands, and that nobody gets in without TLS. */
export function asEveryServer(scope: Construct, engine: IEngine, { config, network, key }: ServerProps) {
  return {
    vpc: network.vpc,
    vpcSubnets: network.subnets,
    securityGroups: [network.database],
    port: databasePort,
    credentials: Credentials.fromUsername(owner),
    manageMasterUserPassword: true,
    iamAuthentication: true,
    parameterGroup: new ParameterGroup(scope, 'Parameters', {
      engine,
      description: 'What the connection budget counts with',
      parameters: { max_connections: String(config.database.maxConnections), 'rds.force_ssl': '1' },
    }),
    storageEncryptionKey: key,
    autoMinorVersionUpgrade: true,
    ...durability(config),
  };
}

import { Duration } from 'aws-cdk-lib';
import { SubnetType } from 'aws-cdk-lib/aws-ec2';
import {
  AuroraPostgresEngineVersion,
  ClusterInstance,
  Credentials,
  DatabaseCluster,
  DatabaseClusterEngine,
  DBClusterStorageType,
  ParameterGroup,
} from 'aws-cdk-lib/aws-rds';
import type { Construct } from 'constructs';
import { durability } from './durability.ts';
import { monitoring } from './monitoring.ts';
import { databasePort } from './network.ts';
import { databaseName, owner, parameters, type Server, type ServerProps } from './server.ts';

/** Name of the log group that RDS writes for a cluster. */
export function auroraLogs(identifier: string): Record<string, string> {
  return { Postgresql: `/aws/rds/cluster/${identifier}/postgresql` };
}

/**
 * Aurora PostgreSQL Serverless v2: a writer that follows the load between two capacities, and with `multiAz` a reader
 * in another zone that is as large as the writer and takes over within a minute.
 */
export function aurora(scope: Construct, { config, network, key, identifier }: ServerProps): Server {
  const { capacity, multiAz, backupDays } = config.database;
  // The newest that this version of the CDK knows, and the major version that every test runs against.
  const engine = DatabaseClusterEngine.auroraPostgres({ version: AuroraPostgresEngineVersion.VER_18_6 });
  const cluster = new DatabaseCluster(scope, 'Aurora', {
    engine,
    clusterIdentifier: identifier,
    writer: ClusterInstance.serverlessV2('Writer', { publiclyAccessible: false }),
    readers: multiAz
      ? [ClusterInstance.serverlessV2('Reader', { publiclyAccessible: false, scaleWithWriter: true })]
      : [],
    serverlessV2MinCapacity: capacity.min,
    serverlessV2MaxCapacity: capacity.max,
    vpc: network.vpc,
    vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
    securityGroups: [network.database],
    port: databasePort,
    defaultDatabaseName: databaseName,
    credentials: Credentials.fromUsername(owner),
    manageMasterUserPassword: true,
    iamAuthentication: true,
    parameterGroup: new ParameterGroup(scope, 'Parameters', {
      engine,
      description: 'What the connection budget counts with',
      parameters: parameters(config),
    }),
    storageType: DBClusterStorageType.AURORA,
    storageEncryptionKey: key,
    backup: { retention: Duration.days(backupDays) },
    autoMinorVersionUpgrade: true,
    cloudwatchLogsExports: ['postgresql'],
    // Performance Insights wants a minimum of 2 units; below, it would hold the capacity up.
    ...monitoring(scope, key, { insights: capacity.min >= 2 }),
    ...durability(config),
  });
  const { secret } = cluster;
  if (secret === undefined) throw new TypeError(`${cluster.node.path}: RDS named no secret`);
  return {
    host: cluster.clusterEndpoint.hostname,
    port: String(databasePort),
    secret,
    resourceId: cluster.clusterResourceIdentifier,
    target: { dbClusterIdentifiers: [cluster.clusterIdentifier] },
    parts: [cluster],
  };
}

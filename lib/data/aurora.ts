import { Duration } from 'aws-cdk-lib';
import {
  AuroraPostgresEngineVersion,
  type CfnDBCluster,
  ClusterInstance,
  DatabaseCluster,
  DatabaseClusterEngine,
  DBClusterStorageType,
  type IDatabaseCluster,
} from 'aws-cdk-lib/aws-rds';
import type { Construct } from 'constructs';
import { monitoring } from './monitoring.ts';
import { databasePort } from './network.ts';
import { commonServerProps, databaseName, ownerLogin, type Server, type ServerProps } from './server.ts';

/** Names of the log groups that RDS writes for a cluster. */
export function auroraLogs(identifier: string): Record<string, string> {
  const folder = `/aws/rds/cluster/${identifier}`;
  return { ClusterPostgresql: `${folder}/postgresql`, ClusterLogins: `${folder}/iam-db-auth-error` };
}

/**
 * Aurora PostgreSQL Serverless v2: a writer that follows the load between two capacities, and with `multiAz` a reader
 * in another zone that is as large as the writer and takes over within a minute.
 */
export function aurora(scope: Construct, props: ServerProps): Server {
  const { config, key, identifier } = props;
  const { capacity, multiAz, backupDays } = config.database;
  // The newest that this version of the CDK knows, and the major version that every test runs against.
  const engine = DatabaseClusterEngine.auroraPostgres({ version: AuroraPostgresEngineVersion.VER_18_6 });
  const cluster = new DatabaseCluster(scope, 'Aurora', {
    engine,
    ...commonServerProps(scope, engine, { id: 'ClusterParameters' }, props),
    clusterIdentifier: identifier,
    writer: ClusterInstance.serverlessV2('Writer', { publiclyAccessible: false }),
    readers: multiAz
      ? [ClusterInstance.serverlessV2('Reader', { publiclyAccessible: false, scaleWithWriter: true })]
      : [],
    serverlessV2MinCapacity: capacity.min,
    serverlessV2MaxCapacity: capacity.max,
    defaultDatabaseName: databaseName,
    storageType: DBClusterStorageType.AURORA,
    backup: { retention: Duration.days(backupDays) },
    cloudwatchLogsExports: ['postgresql', 'iam-db-auth-error'],
    // Performance Insights wants a minimum of 2 units; below, it would hold the capacity up.
    ...monitoring(scope, key, { insights: capacity.min >= 2 }),
  });
  const resource = cluster.node.defaultChild as CfnDBCluster;
  return {
    host: cluster.clusterEndpoint.hostname,
    port: String(databasePort),
    owner: ownerLogin(resource, config.database, cluster.clusterResourceIdentifier, cluster.secret),
    resourceId: cluster.clusterResourceIdentifier,
    target: { dbClusterIdentifiers: [cluster.clusterIdentifier] },
    server: cluster as IDatabaseCluster,
    parts: [cluster],
    // A reader has the cluster's data.
    replaceable: multiAz ? [cluster.node.findChild('Reader') as Construct] : [],
  };
}

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

export function auroraLogs(identifier: string): Record<string, string> {
  const folder = `/aws/rds/cluster/${identifier}`;
  return { ClusterPostgresql: `${folder}/postgresql`, ClusterLogins: `${folder}/iam-db-auth-error` };
}

/**
 * Aurora PostgreSQL Serverless v2: a writer that scales between two capacities and, with `multiAz`, a reader of the same
 * size in another zone that takes over within a minute.
 */
export function aurora(scope: Construct, props: ServerProps): Server {
  const { config, key, identifier } = props;
  const { capacity, multiAz, backupDays } = config.database;
  // The newest version that this CDK knows; the tests run against the same major version.
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
    // Performance Insights needs at least 2 units; below that it would keep the capacity up.
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
    // Replaceable, because the data belongs to the cluster.
    replaceable: multiAz ? [cluster.node.findChild('Reader') as Construct] : [],
  };
}

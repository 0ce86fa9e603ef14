import { Duration } from 'aws-cdk-lib';
import { InstanceType } from 'aws-cdk-lib/aws-ec2';
import {
  type CfnDBInstance,
  DatabaseInstance,
  DatabaseInstanceEngine,
  type IDatabaseInstance,
  PostgresEngineVersion,
  StorageType,
} from 'aws-cdk-lib/aws-rds';
import type { Construct } from 'constructs';
import { instanceMemoryGb } from '../rules/instance-memory.ts';
import { monitoring } from './monitoring.ts';
import { commonServerProps, databaseName, ownerLogin, type Server, type ServerProps } from './server.ts';

export function postgresLogs(identifier: string): Record<string, string> {
  const folder = `/aws/rds/instance/${identifier}`;
  return {
    Postgresql: `${folder}/postgresql`,
    Upgrade: `${folder}/upgrade`,
    Logins: `${folder}/iam-db-auth-error`,
  };
}

/**
 * IAM authentication needs 300 MiB and more on the server; AWS advises smaller buffers on small instances. RDS would use a
 * quarter of 1 GiB. 64 MB, in pages of 8 kB, hold the rows of 25,000 images.
 */
function forLittleMemory(instance: string): Record<string, string> {
  return (instanceMemoryGb(instance) ?? Number.POSITIVE_INFINITY) < 2 ? { shared_buffers: '8192' } : {};
}

export function postgres(scope: Construct, props: ServerProps): Server {
  const { config, key, identifier } = props;
  const { instance, storageGb, maxStorageGb, multiAz, backupDays } = config.database;
  // The major version that the tests run against; RDS selects and updates the minor version.
  const engine = DatabaseInstanceEngine.postgres({ version: PostgresEngineVersion.VER_18 });
  const server = new DatabaseInstance(scope, 'Postgres', {
    engine,
    ...commonServerProps(scope, engine, { id: 'Parameters', others: forLittleMemory(instance) }, props),
    instanceIdentifier: identifier,
    instanceType: new InstanceType(instance),
    publiclyAccessible: false,
    databaseName,
    storageType: StorageType.GP3,
    allocatedStorage: storageGb,
    ...(maxStorageGb === storageGb ? {} : { maxAllocatedStorage: maxStorageGb }),
    multiAz,
    backupRetention: Duration.days(backupDays),
    // Only iam-db-auth-error has the reason why RDS rejected a login by IAM.
    cloudwatchLogsExports: ['postgresql', 'upgrade', 'iam-db-auth-error'],
    ...monitoring(scope, key, { insights: true }),
  });
  const { secret, instanceResourceId } = server;
  if (instanceResourceId === undefined) throw new TypeError(`${server.node.path}: RDS named no resource id`);
  const resource = server.node.defaultChild as CfnDBInstance;
  return {
    host: server.dbInstanceEndpointAddress,
    port: server.dbInstanceEndpointPort,
    owner: ownerLogin(resource, config.database, instanceResourceId, secret),
    resourceId: instanceResourceId,
    target: { dbInstanceIdentifiers: [server.instanceIdentifier] },
    server: server as IDatabaseInstance,
    parts: [server],
  };
}

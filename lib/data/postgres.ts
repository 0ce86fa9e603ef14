import { Duration } from 'aws-cdk-lib';
import { InstanceType, SubnetType } from 'aws-cdk-lib/aws-ec2';
import {
  Credentials,
  DatabaseInstance,
  DatabaseInstanceEngine,
  ParameterGroup,
  PostgresEngineVersion,
  StorageType,
} from 'aws-cdk-lib/aws-rds';
import type { Construct } from 'constructs';
import { durability } from './durability.ts';
import { monitoring } from './monitoring.ts';
import { databasePort } from './network.ts';
import { databaseName, owner, parameters, type Server, type ServerProps } from './server.ts';

/** Names of the log groups that RDS writes for a server. */
export function postgresLogs(identifier: string): Record<string, string> {
  const folder = `/aws/rds/instance/${identifier}`;
  return { Postgresql: `${folder}/postgresql`, Upgrade: `${folder}/upgrade` };
}

/** RDS for PostgreSQL. Functions log in by IAM; only the owner has a password. */
export function postgres(scope: Construct, { config, network, key, identifier }: ServerProps): Server {
  const { instance, storageGb, multiAz, backupDays } = config.database;
  // The major version that every test runs against; RDS picks and keeps up the minor one.
  const engine = DatabaseInstanceEngine.postgres({ version: PostgresEngineVersion.VER_18 });
  const server = new DatabaseInstance(scope, 'Postgres', {
    engine,
    instanceIdentifier: identifier,
    instanceType: new InstanceType(instance),
    vpc: network.vpc,
    vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
    securityGroups: [network.database],
    port: databasePort,
    publiclyAccessible: false,
    databaseName,
    credentials: Credentials.fromUsername(owner),
    manageMasterUserPassword: true,
    iamAuthentication: true,
    parameterGroup: new ParameterGroup(scope, 'Parameters', {
      engine,
      description: 'What the connection budget counts with',
      parameters: parameters(config),
    }),
    storageType: StorageType.GP3,
    allocatedStorage: storageGb,
    storageEncryptionKey: key,
    multiAz,
    backupRetention: Duration.days(backupDays),
    autoMinorVersionUpgrade: true,
    cloudwatchLogsExports: ['postgresql', 'upgrade'],
    ...monitoring(scope, key, { insights: true }),
    ...durability(config),
  });
  const { secret, instanceResourceId } = server;
  if (secret === undefined || instanceResourceId === undefined)
    throw new TypeError(`${server.node.path}: RDS named neither a secret nor a resource id`);
  return {
    host: server.dbInstanceEndpointAddress,
    port: server.dbInstanceEndpointPort,
    secret,
    resourceId: instanceResourceId,
    target: { dbInstanceIdentifiers: [server.instanceIdentifier] },
    parts: [server],
  };
}

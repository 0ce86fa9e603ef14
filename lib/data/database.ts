import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { InstanceType, SubnetType } from 'aws-cdk-lib/aws-ec2';
import {
  Credentials,
  DatabaseInstance,
  DatabaseInstanceEngine,
  ParameterGroup,
  PostgresEngineVersion,
  StorageType,
} from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import type { ResolvedConfig } from '../config/schema.ts';
import type { DatabaseSettings } from './connection.ts';
import type { Network } from './network.ts';

const owner = 'sluice_owner';
const name = 'sluice';

/** A Postgres of the deployment's own. Functions log in by IAM; only the owner has a password, which RDS keeps. */
export class Database extends Construct {
  readonly instance: DatabaseInstance;
  readonly settings: DatabaseSettings;

  constructor(scope: Construct, id: string, config: ResolvedConfig, network: Network) {
    super(scope, id);
    const { instance, storageGb, multiAz, backupDays, deletionProtection } = config.database;
    // The major version that every test runs against; RDS picks and keeps up the minor one.
    const engine = DatabaseInstanceEngine.postgres({ version: PostgresEngineVersion.VER_18 });
    this.instance = new DatabaseInstance(this, 'Postgres', {
      engine,
      instanceType: new InstanceType(instance),
      vpc: network.vpc,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
      securityGroups: [network.database],
      databaseName: name,
      credentials: Credentials.fromUsername(owner),
      // RDS makes the password, keeps it in Secrets Manager and changes it every seven days.
      manageMasterUserPassword: true,
      iamAuthentication: true,
      parameterGroup: new ParameterGroup(this, 'Parameters', {
        engine,
        description: 'What the connection budget counts with',
        parameters: {
          max_connections: String(config.database.maxConnections),
          'rds.force_ssl': '1',
        },
      }),
      storageType: StorageType.GP3,
      allocatedStorage: storageGb,
      storageEncrypted: true,
      multiAz,
      backupRetention: Duration.days(backupDays),
      autoMinorVersionUpgrade: true,
      deletionProtection,
      publiclyAccessible: false,
      removalPolicy: RemovalPolicy.SNAPSHOT,
    });
    const { secret, instanceResourceId } = this.instance;
    if (secret === undefined || instanceResourceId === undefined)
      throw new TypeError(`${Stack.of(this).stackName}: RDS named neither a secret nor a resource id`);
    this.settings = {
      host: this.instance.dbInstanceEndpointAddress,
      port: this.instance.dbInstanceEndpointPort,
      name,
      tls: 'verify',
      owner: { user: owner, secret },
      roles: { auth: 'iam', resourceId: instanceResourceId },
      network: network.forFunctions,
    };
  }
}

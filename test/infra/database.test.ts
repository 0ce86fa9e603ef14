import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { one, rights, text } from './reading.ts';
import { synthesise } from './synthesis.ts';

describe('a Postgres of the deployment’s own', () => {
  const { data, pipeline } = synthesise({ database: { maxConnections: 120 } });
  const instance = one(data as Template, 'AWS::RDS::DBInstance');

  it('is PostgreSQL 17 or newer', () => {
    expect(instance.Properties.Engine).toBe('postgres');
    expect(Number.parseInt(String(instance.Properties.EngineVersion), 10)).toBeGreaterThanOrEqual(17);
  });

  it('lets roles log in by IAM, and RDS keeps the owner’s password', () => {
    expect(instance.Properties).toMatchObject({
      EnableIAMDatabaseAuthentication: true,
      ManageMasterUserPassword: true,
    });
    expect(instance.Properties).not.toHaveProperty('MasterUserPassword');
  });

  it('allows as many connections as the budget counts with, and none without TLS', () => {
    const parameters = one(data as Template, 'AWS::RDS::DBParameterGroup');
    expect(instance.Properties.DBParameterGroupName).toEqual({ Ref: parameters.id });
    expect(parameters.Properties.Parameters).toEqual({ max_connections: '120', 'rds.force_ssl': '1' });
  });

  it('is encrypted, private, backed up and hard to delete', () => {
    expect(instance.Properties).toMatchObject({
      StorageEncrypted: true,
      PubliclyAccessible: false,
      BackupRetentionPeriod: 14,
      DeletionProtection: true,
    });
    expect(instance).toMatchObject({ DeletionPolicy: 'Snapshot', UpdateReplacePolicy: 'Snapshot' });
  });

  it.each([
    ['api', 'sluice_api', 'iam'],
    ['process', 'sluice_process', 'iam'],
    ['sweep', 'sluice_sweep', 'iam'],
    ['migrate', 'sluice_owner', 'password'],
  ])('lets %s log in as %s by %s', (name, user, auth) => {
    expect(one(pipeline, 'AWS::Lambda::Function', `Functions${name}`).Properties.Environment).toMatchObject({
      Variables: {
        DATABASE_USER: user,
        DATABASE_AUTH: auth,
        DATABASE_TLS: 'verify',
        DATABASE_NAME: 'sluice',
      },
    });
  });
});

const connection = {
  host: 'db.example',
  port: 6543,
  name: 'pictures',
  owner: { user: 'admin', secretArn: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:owner-abcdef' },
};
const secretArn = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:roles-abcdef';

describe('an existing Postgres whose roles log in by password', () => {
  const { data, pipeline } = synthesise({
    database: { connection: { ...connection, roles: { auth: 'password', secretArn } } },
  });
  const variables = (name: string) =>
    (
      one(pipeline, 'AWS::Lambda::Function', `Functions${name}`).Properties.Environment as {
        Variables: Record<string, unknown>;
      }
    ).Variables;

  it('needs no data stack and no network', () => {
    expect(data).toBeUndefined();
    for (const { Properties } of Object.values(pipeline.findResources('AWS::Lambda::Function')))
      expect(Properties).not.toHaveProperty('VpcConfig');
  });

  it('is found where the configuration says', () => {
    expect(variables('process')).toMatchObject({
      DATABASE_HOST: 'db.example',
      DATABASE_PORT: '6543',
      DATABASE_NAME: 'pictures',
      DATABASE_AUTH: 'password',
      DATABASE_SECRET_ARN: secretArn,
    });
  });

  it('tells migrate which password the roles shall have', () => {
    expect(variables('migrate')).toMatchObject({
      DATABASE_USER: 'admin',
      DATABASE_SECRET_ARN: connection.owner.secretArn,
      ROLES_SECRET_ARN: secretArn,
    });
    expect(rights(pipeline, 'FunctionsmigrateRole')).toContain(
      `secretsmanager:GetSecretValue ${connection.owner.secretArn}`,
    );
  });

  it('lets the functions read that password and not the owner’s', () => {
    const reads = rights(pipeline, 'FunctionsprocessRole').filter((right) => right.startsWith('secrets'));
    expect(reads).toEqual([`secretsmanager:GetSecretValue ${secretArn}`]);
  });
});

describe('an existing Postgres in a VPC whose roles log in by IAM', () => {
  const { pipeline } = synthesise({
    database: {
      connection: {
        ...connection,
        roles: { auth: 'iam', resourceId: 'cluster-ABC' },
        network: {
          vpcId: 'vpc-00000000000000001',
          availabilityZones: ['eu-central-1a', 'eu-central-1b'],
          subnetIds: ['subnet-00000000000000001', 'subnet-00000000000000002'],
          securityGroupIds: ['sg-00000000000000001'],
        },
      },
    },
  });

  it('has the functions in those subnets', () => {
    expect(one(pipeline, 'AWS::Lambda::Function', 'Functionsapi').Properties.VpcConfig).toEqual({
      SubnetIds: ['subnet-00000000000000001', 'subnet-00000000000000002'],
      SecurityGroupIds: ['sg-00000000000000001'],
    });
  });

  it('lets each function connect as its own role only', () => {
    const connects = rights(pipeline, 'FunctionssweepRole').filter((right) => right.startsWith('rds-db'));
    expect(connects.map(text)).toEqual([
      'rds-db:connect arn:<AWS::Partition>:rds-db:<AWS::Region>:<AWS::AccountId>:dbuser:cluster-ABC/sluice_sweep',
    ]);
  });
});

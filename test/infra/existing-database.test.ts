import { describe, expect, it } from 'vitest';
import { one, rights, text } from './reading.ts';
import { synthesise } from './synthesis.ts';

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

  it('an existing Postgres with passwords needs no data stack and no network', () => {
    expect(data).toBeUndefined();
    for (const { Properties } of Object.values(pipeline.findResources('AWS::Lambda::Function')))
      expect(Properties).not.toHaveProperty('VpcConfig');
  });

  it('the functions connect to the configured address of an existing Postgres', () => {
    expect(variables('process')).toMatchObject({
      DATABASE_HOST: 'db.example',
      DATABASE_PORT: '6543',
      DATABASE_NAME: 'pictures',
      DATABASE_AUTH: 'password',
      DATABASE_SECRET_ARN: secretArn,
    });
  });

  it('migrate receives the secret with the roles’ password', () => {
    expect(variables('migrate')).toMatchObject({
      DATABASE_USER: 'admin',
      DATABASE_SECRET_ARN: connection.owner.secretArn,
      ROLES_SECRET_ARN: secretArn,
    });
    expect(rights(pipeline, 'FunctionsmigrateRole')).toContain(
      `secretsmanager:GetSecretValue ${connection.owner.secretArn}`,
    );
  });

  it('the functions may read the roles’ password, but not the owner’s', () => {
    const reads = rights(pipeline, 'FunctionsprocessRole').filter((right) => right.startsWith('secrets'));
    expect(reads).toEqual([`secretsmanager:GetSecretValue ${secretArn}`]);
  });
});

describe('an existing Postgres in a VPC whose owner and roles log in by IAM', () => {
  const { pipeline } = synthesise({
    database: {
      connection: {
        ...connection,
        owner: { user: 'admin', resourceId: 'cluster-ABC' },
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

  it('the functions run in the subnets of an existing Postgres', () => {
    expect(one(pipeline, 'AWS::Lambda::Function', 'Functionsapi').Properties.VpcConfig).toEqual({
      SubnetIds: ['subnet-00000000000000001', 'subnet-00000000000000002'],
      SecurityGroupIds: ['sg-00000000000000001'],
    });
  });

  it('migrate connects to an existing Postgres as its owner by IAM, without a secret', () => {
    const { Environment } = one(pipeline, 'AWS::Lambda::Function', 'Functionsmigrate').Properties;
    expect(Environment).toMatchObject({ Variables: { DATABASE_USER: 'admin', DATABASE_AUTH: 'iam' } });
    const may = rights(pipeline, 'FunctionsmigrateRole').filter((one) => /^rds-db|^secrets/.test(one));
    expect(may.map((one) => one.replace(/^.*dbuser:/, ''))).toEqual(['cluster-ABC/admin']);
  });

  it('each function connects to an existing Postgres as its own role only', () => {
    const connects = rights(pipeline, 'FunctionssweepRole').filter((right) => right.startsWith('rds-db'));
    expect(connects.map(text)).toEqual([
      'rds-db:connect arn:<AWS::Partition>:rds-db:<AWS::Region>:<AWS::AccountId>:dbuser:cluster-ABC/sluice_sweep',
    ]);
  });
});

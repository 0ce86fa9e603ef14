import { type App, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { InstanceType, type IVpc, SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import {
  AuroraPostgresEngineVersion,
  type CfnDBCluster,
  type CfnDBInstance,
  ClusterInstance,
  Credentials,
  DatabaseCluster,
  DatabaseClusterEngine,
  DatabaseInstance,
  DatabaseInstanceEngine,
  type IDatabaseCluster,
  type IDatabaseInstance,
  MariaDbEngineVersion,
  PostgresEngineVersion,
} from 'aws-cdk-lib/aws-rds';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { describe, expect, it } from 'vitest';
import type { ExistingServer } from '../../lib/image-pipeline.ts';
import { ownStack, pipelineIn } from './own-app.ts';
import { one, rights } from './reading.ts';

const owner = { user: 'shop' };

function instance(stack: Stack, vpc: IVpc): IDatabaseInstance {
  return new DatabaseInstance(stack, 'Server', {
    engine: DatabaseInstanceEngine.postgres({ version: PostgresEngineVersion.VER_18 }),
    instanceType: new InstanceType('t4g.small'),
    vpc,
    iamAuthentication: true,
    credentials: Credentials.fromGeneratedSecret('shop', {
      encryptionKey: new Key(stack, 'SecretKey') as IKey,
    }),
  }) as IDatabaseInstance;
}

function cluster(stack: Stack, vpc: IVpc): IDatabaseCluster {
  return new DatabaseCluster(stack, 'Server', {
    engine: DatabaseClusterEngine.auroraPostgres({ version: AuroraPostgresEngineVersion.VER_18_6 }),
    writer: ClusterInstance.serverlessV2('Writer'),
    vpc,
    iamAuthentication: true,
  }) as IDatabaseCluster;
}

describe.each([
  ['an instance', 'the same stack', instance],
  ['an instance', 'another stack', instance],
  ['a cluster', 'the same stack', cluster],
  ['a cluster', 'another stack', cluster],
] as const)('%s of %s', (_, where, make) => {
  const stack = ownStack();
  const data = where === 'the same stack' ? stack : new Stack(stack.node.root as App, 'Data');
  const vpc = new Vpc(data, 'Net') as IVpc;
  const server = make(data, vpc);
  const pipeline = pipelineIn(stack, {}, { database: { server, name: 'shop', owner } });
  const template = Template.fromStack(stack);

  it('the server admits the functions at its port by a rule in the pipeline’s stack', () => {
    const inbound = one(template, 'AWS::EC2::SecurityGroupIngress').Properties;
    const outbound = one(template, 'AWS::EC2::SecurityGroupEgress').Properties;
    const functions = { 'Fn::GetAtt': [one(template, 'AWS::EC2::SecurityGroup', 'Functions').id, 'GroupId'] };
    expect(inbound.SourceSecurityGroupId).toEqual(functions);
    expect(outbound.GroupId).toEqual(functions);
    expect(inbound.FromPort).toEqual(outbound.FromPort);
    expect(JSON.stringify(inbound.FromPort)).toMatch(/Endpoint\.?Port/);
    Annotations.fromStack(stack).hasNoInfo('*', Match.stringLikeRegexp('must let'));
  });

  it('functions reach the server in its VPC, by IAM and with the owner’s password', () => {
    expect(pipeline.vpc).toBe(vpc);
    const { Variables } = one(template, 'AWS::Lambda::Function', 'Functionsprocess').Properties
      .Environment as {
      Variables: Record<string, unknown>;
    };
    expect(Variables).toMatchObject({
      DATABASE_NAME: 'shop',
      DATABASE_AUTH: 'iam',
      DATABASE_TLS: 'verify',
      DATABASE_PREPARED_STATEMENTS: 'named',
    });
    expect(rights(template, 'FunctionsprocessRole').join()).toMatch(
      /rds-db:connect .*ResourceId.*sluice_process/,
    );
    const migrate = rights(template, 'FunctionsmigrateRole').join();
    expect(migrate).toMatch(/secretsmanager:GetSecretValue/);
    // With the key of that secret, if it has its own.
    expect(migrate.includes('kms:Decrypt')).toBe(make === instance);
  });
});

it('the migration waits for the cluster’s writer and for its ingress rule', () => {
  const stack = ownStack();
  const vpc = new Vpc(stack, 'Net') as IVpc;
  pipelineIn(stack, {}, { database: { server: cluster(stack, vpc), name: 'shop', owner } });
  const template = Template.fromStack(stack);
  expect(one(template, 'Custom::Trigger').DependsOn).toEqual(
    expect.arrayContaining([
      one(template, 'AWS::RDS::DBInstance').id,
      one(template, 'AWS::EC2::SecurityGroupIngress').id,
      one(template, 'AWS::EC2::SecurityGroupEgress').id,
    ]),
  );
});

it('passwords of owner and roles may be in secrets that are imported by name', () => {
  const stack = ownStack();
  const [secret, roles] = ['owner', 'roles'].map((name) =>
    Secret.fromSecretNameV2(stack, name, `shop/${name}`),
  );
  if (secret === undefined || roles === undefined) throw new TypeError('two secrets');
  const server = instance(stack, new Vpc(stack, 'Net') as IVpc);
  const database = { server, name: 'shop', owner: { ...owner, secret } };
  pipelineIn(stack, {}, { database: { ...database, roles: { auth: 'password', secret: roles } } });
  const may = (role: string) =>
    rights(Template.fromStack(stack), role).flatMap(
      (right) => /GetSecretValue.*:(secret:.*)/.exec(right)?.[1] ?? [],
    );
  // Behind the host there may be a pooler.
  expect(
    one(Template.fromStack(stack), 'AWS::Lambda::Function', 'Functionsprocess').Properties.Environment,
  ).toMatchObject({ Variables: { DATABASE_PREPARED_STATEMENTS: 'unnamed' } });
  expect(may('FunctionsmigrateRole')).toEqual(['secret:shop/owner-??????', 'secret:shop/roles-??????']);
  expect(may('FunctionsprocessRole')).toEqual(['secret:shop/roles-??????']);
});

describe.each([instance, cluster] as const)('a server without login by IAM: %o', (make) => {
  const off = (more: Partial<ExistingServer> = {}) => {
    const stack = ownStack();
    const server = make(stack, new Vpc(stack, 'Net') as IVpc);
    (server.node.defaultChild as CfnDBInstance | CfnDBCluster).enableIamDatabaseAuthentication = false;
    const secret = Secret.fromSecretNameV2(stack, 'Secret', 'shop/owner');
    pipelineIn(stack, {}, { database: { server, name: 'shop', owner: { ...owner, secret }, ...more } });
    return stack;
  };

  it('a server without login by IAM fails synth', () => {
    expect(() => Template.fromStack(off())).toThrow('Shop/Server does not accept login by IAM');
  });

  it('a server without login by IAM is accepted with passwords', () => {
    const secret = Secret.fromSecretNameV2(ownStack('Far'), 'Secret', 'shop/roles');
    expect(() => Template.fromStack(off({ roles: { auth: 'password', secret } }))).not.toThrow();
  });
});

describe('an imported server', () => {
  const imported = (stack: Stack, more: object = {}) =>
    DatabaseInstance.fromDatabaseInstanceAttributes(stack, 'Server', {
      instanceIdentifier: 'shop',
      instanceEndpointAddress: 'db.example.com',
      port: 5432,
      securityGroups: [],
      ...more,
    });
  const use = (stack: Stack, server: ExistingServer['server'], vpc?: IVpc) =>
    pipelineIn(
      stack,
      {},
      { database: { server, name: 'shop', owner }, ...(vpc === undefined ? {} : { vpc }) },
    );

  it('an imported server needs a VPC and a resource id for logins by IAM', () => {
    const stack = ownStack();
    expect(() => use(stack, imported(stack))).toThrow(
      'vpc: is required, because the VPC of database.server is not known\n  - database.server: import it with its resource id',
    );
  });

  it('an imported server needs an endpoint and PostgreSQL', () => {
    const stack = ownStack();
    const vpc = new Vpc(stack, 'Net') as IVpc;
    const unreached = DatabaseCluster.fromDatabaseClusterAttributes(stack, 'Cluster', {
      clusterIdentifier: 'shop',
      clusterResourceIdentifier: 'cluster-SHOP',
    });
    expect(() => use(stack, unreached, vpc)).toThrow(
      'one mistake:\n  - database.server: import it with its endpoint',
    );
    const engine = DatabaseInstanceEngine.mariaDb({ version: MariaDbEngineVersion.VER_11_4_9 });
    const other = ownStack('Other');
    const server = imported(other, { instanceResourceId: 'db-SHOP', engine });
    expect(() => use(other, server, new Vpc(other, 'Net') as IVpc)).toThrow(
      'one mistake:\n  - database.server: is mariadb, but must be PostgreSQL',
    );
  });

  it('the owner of an imported server without a secret logs in by IAM, and synth reports the missing rule', () => {
    const stack = ownStack();
    use(stack, imported(stack, { instanceResourceId: 'db-SHOP' }), new Vpc(stack, 'Net') as IVpc);
    expect(rights(Template.fromStack(stack), 'FunctionsmigrateRole').join()).toMatch(
      /rds-db:connect .*dbuser:db-SHOP\/shop/,
    );
    Annotations.fromStack(stack).hasInfo(
      '*',
      Match.stringLikeRegexp('The security group of db.example.com must allow .* on tcp 5432'),
    );
  });

  it('an imported server with a known security group gets the rule', () => {
    const stack = ownStack();
    const group = SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-server');
    const server = imported(stack, { instanceResourceId: 'db-SHOP', securityGroups: [group] });
    use(stack, server, new Vpc(stack, 'Net') as IVpc);
    expect(one(Template.fromStack(stack), 'AWS::EC2::SecurityGroupIngress').Properties).toMatchObject({
      GroupId: 'sg-server',
      FromPort: 5432,
    });
  });
});

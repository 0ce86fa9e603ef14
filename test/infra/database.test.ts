import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import type { SluiceConfig } from '../../lib/config/schema.ts';
import { one, rights, type Statement, text } from './reading.ts';
import { synthesise } from './synthesis.ts';

describe('a Postgres that the deployment creates', () => {
  const { data, pipeline } = synthesise({ database: { maxConnections: 120 } });
  const instance = one(data as Template, 'AWS::RDS::DBInstance');
  const key = { 'Fn::GetAtt': [one(data as Template, 'AWS::KMS::Key').id, 'Arn'] };

  it('the database is PostgreSQL 17 or newer', () => {
    expect(instance.Properties.Engine).toBe('postgres');
    expect(Number.parseInt(String(instance.Properties.EngineVersion), 10)).toBeGreaterThanOrEqual(17);
  });

  it('roles and owner log in by IAM, without any password', () => {
    expect(instance.Properties).toMatchObject({
      EnableIAMDatabaseAuthentication: true,
      MasterUserAuthenticationType: 'iam-db-auth',
    });
    // RDS rejects both together with it.
    for (const password of ['ManageMasterUserPassword', 'MasterUserPassword', 'MasterUserSecret'])
      expect(instance.Properties).not.toHaveProperty(password);
    data?.resourceCountIs('AWS::SecretsManager::Secret', 0);
    expect(JSON.stringify(pipeline.toJSON())).not.toContain('secretsmanager');
  });

  it('the database allows the connections of the budget, with TLS only', () => {
    const parameters = one(data as Template, 'AWS::RDS::DBParameterGroup');
    expect(instance.Properties.DBParameterGroupName).toEqual({ Ref: parameters.id });
    expect(parameters.Properties.Parameters).toEqual({ max_connections: '120', 'rds.force_ssl': '1' });
  });

  it('a small instance gets smaller buffers, to leave memory for logins by IAM', () => {
    const { data } = synthesise({}, {}, 'dev');
    const { Parameters } = one(data as Template, 'AWS::RDS::DBParameterGroup').Properties;
    // 8,192 pages of 8 kB.
    expect(Parameters).toMatchObject({ max_connections: '80', shared_buffers: '8192' });
  });

  it('storage grows automatically up to its limit, or not at all', () => {
    expect(instance.Properties).toMatchObject({ AllocatedStorage: '20', MaxAllocatedStorage: 500 });
    const fixed = synthesise({ database: { storageGb: 50, maxStorageGb: 50 } }).data as Template;
    const { Properties } = one(fixed, 'AWS::RDS::DBInstance');
    expect(Properties).toMatchObject({ AllocatedStorage: '50' });
    expect(Properties).not.toHaveProperty('MaxAllocatedStorage');
  });

  it('the database is encrypted with the account’s own key, private, in two zones, and not on port 5432', () => {
    expect(instance.Properties).toMatchObject({
      StorageEncrypted: true,
      KmsKeyId: key,
      PubliclyAccessible: false,
      MultiAZ: true,
      Port: '5433',
    });
  });

  it('the database has enhanced monitoring, Performance Insights, and logs in a group that exists before it', () => {
    expect(instance.Properties).toMatchObject({
      MonitoringInterval: 60,
      EnablePerformanceInsights: true,
      PerformanceInsightsKMSKeyId: key,
      EnableCloudwatchLogsExports: ['postgresql', 'upgrade', 'iam-db-auth-error'],
    });
    const folder = `/aws/rds/instance/${text(instance.Properties.DBInstanceIdentifier)}`;
    expect(exportedTo(data as Template, folder, instance)).toEqual([
      'iam-db-auth-error',
      'postgresql',
      'upgrade',
    ]);
  });

  it('the server is created last, because a failed deploy cannot roll back a protected server', () => {
    for (const type of ['VPCEndpoint', 'FlowLog', 'SecurityGroupEgress'])
      for (const id of Object.keys((data as Template).findResources(`AWS::EC2::${type}`)))
        expect(instance.DependsOn).toContain(id);
  });

  it('only RDS monitoring may assume the monitoring role', () => {
    const role = one(data as Template, 'AWS::IAM::Role', 'Monitoring').Properties;
    expect(role.AssumeRolePolicyDocument).toMatchObject({
      Statement: [{ Effect: 'Allow', Principal: { Service: 'monitoring.rds.amazonaws.com' } }],
    });
    expect([role.ManagedPolicyArns].flat().map(text)).toEqual([
      'arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole',
    ]);
  });

  it.each([
    ['api', 'sluice_api', 'iam'],
    ['process', 'sluice_process', 'iam'],
    ['sweep', 'sluice_sweep', 'iam'],
    ['migrate', 'sluice_owner', 'iam'],
    ['operate', 'sluice_operate', 'iam'],
  ])('%s logs in as %s by %s', (name, user, auth) => {
    expect(one(pipeline, 'AWS::Lambda::Function', `Functions${name}`).Properties.Environment).toMatchObject({
      Variables: {
        DATABASE_USER: user,
        DATABASE_AUTH: auth,
        DATABASE_TLS: 'verify',
        DATABASE_PREPARED_STATEMENTS: 'named',
        DATABASE_NAME: 'sluice',
      },
    });
  });
});

/** The server's log groups, each created before it. */
function exportedTo(data: Template, folder: string, server: { DependsOn?: string[] }): string[] {
  return Object.entries(data.findResources('AWS::Logs::LogGroup'))
    .flatMap(([id, { Properties }]) => {
      const name = text(Properties.LogGroupName);
      if (!name.startsWith(`${folder}/`)) return [];
      expect(Properties).toMatchObject({
        RetentionInDays: 365,
        KmsKeyId: { 'Fn::GetAtt': [one(data, 'AWS::KMS::Key').id, 'Arn'] },
      });
      // RDS would create it first, without these.
      expect(server.DependsOn).toContain(id);
      return [name.slice(folder.length + 1)];
    })
    .sort();
}

describe.each([
  ['a Postgres', 'DBInstance', {}],
  ['an Aurora', 'DBCluster', { engine: 'aurora-serverless' }],
  ['a Postgres behind a proxy', 'DBInstance', { proxy: true }],
] as const)('%s whose owner has a password', (_, type, database) => {
  const { data, pipeline } = synthesise({ database: { ...database, ownerLogin: 'password' } });

  it('RDS manages the owner’s password, and migrate reads it', () => {
    const { Properties } = one(data as Template, `AWS::RDS::${type}`);
    expect(Properties).toMatchObject({
      ManageMasterUserPassword: true,
      MasterUserAuthenticationType: 'password',
    });
    const { Environment } = one(pipeline, 'AWS::Lambda::Function', 'Functionsmigrate').Properties;
    expect(Environment).toMatchObject({
      Variables: { DATABASE_AUTH: 'password', DATABASE_SECRET_ARN: expect.anything() },
    });
    const may = rights(pipeline, 'FunctionsmigrateRole');
    expect(may.join('\n')).toMatch(/secretsmanager:GetSecretValue <import .*SecretArn\w*>/);
    expect(may.join('\n')).not.toContain('rds-db:connect');
  });
});

describe('Aurora Serverless', () => {
  const own = { engine: 'aurora-serverless', capacity: { min: 1, max: 8 } } as const;
  const { data, pipeline } = synthesise({ database: own });
  const cluster = one(data as Template, 'AWS::RDS::DBCluster');

  it('Aurora scales between two capacities, with a reader in another zone for failover', () => {
    expect(cluster.Properties).toMatchObject({
      Engine: 'aurora-postgresql',
      ServerlessV2ScalingConfiguration: { MinCapacity: 1, MaxCapacity: 8 },
    });
    const tier = (part: string) =>
      one(data as Template, 'AWS::RDS::DBInstance', part).Properties.PromotionTier as number;
    expect([tier('Writer'), tier('Reader')]).toEqual([0, 1]);
    synthesise({ database: { ...own, multiAz: false } }).data?.resourceCountIs('AWS::RDS::DBInstance', 1);
  });

  it('Aurora meets the requirements of an instance', () => {
    const parameters = one(data as Template, 'AWS::RDS::DBClusterParameterGroup');
    const key = { 'Fn::GetAtt': [one(data as Template, 'AWS::KMS::Key').id, 'Arn'] };
    expect(cluster.Properties).toMatchObject({
      DBClusterParameterGroupName: { Ref: parameters.id },
      EnableIAMDatabaseAuthentication: true,
      MasterUserAuthenticationType: 'iam-db-auth',
      StorageEncrypted: true,
      KmsKeyId: key,
      Port: 5433,
      EnableCloudwatchLogsExports: ['postgresql', 'iam-db-auth-error'],
    });
    expect(cluster.Properties).not.toHaveProperty('ManageMasterUserPassword');
    const folder = `/aws/rds/cluster/${text(cluster.Properties.DBClusterIdentifier)}`;
    expect(exportedTo(data as Template, folder, cluster)).toEqual(['iam-db-auth-error', 'postgresql']);
    expect(parameters.Properties.Parameters).toEqual({ max_connections: '100', 'rds.force_ssl': '1' });
    for (const { Properties } of Object.values((data as Template).findResources('AWS::RDS::DBInstance')))
      expect(Properties).toMatchObject({ PubliclyAccessible: false, MonitoringInterval: 60 });
  });

  it('Aurora uses Performance Insights only if its minimum capacity supports it', () => {
    expect(cluster.Properties).not.toHaveProperty('PerformanceInsightsEnabled');
    const larger = synthesise({ database: { ...own, capacity: { min: 2, max: 8 } } }).data as Template;
    expect(one(larger, 'AWS::RDS::DBCluster').Properties).toMatchObject({ PerformanceInsightsEnabled: true });
  });

  it('functions log in as users of the Aurora cluster', () => {
    const connects = rights(pipeline, 'FunctionsapiRole').filter((right) => right.startsWith('rds-db'));
    expect(connects).toHaveLength(1);
    expect(connects[0]).toMatch(/dbuser:<import .*DBClusterResourceId.*>\/sluice_api$/);
    const owner = rights(pipeline, 'FunctionsmigrateRole').filter((right) => right.startsWith('rds-db'));
    expect(owner.join()).toMatch(/^rds-db:connect .*dbuser:<import .*DBClusterResourceId.*>\/sluice_owner$/);
  });
});

describe.each([
  ['RDS', 'AWS::RDS::DBInstance', { engine: 'postgres' }],
  ['Aurora', 'AWS::RDS::DBCluster', { engine: 'aurora-serverless' }],
] as const)('the removal of %s with its stack', (_, type, database) => {
  const resources = (stage: string, changes: SluiceConfig['deploy'] = {}) => {
    const { data } = synthesise({ database, deploy: changes }, {}, stage);
    return data as Template;
  };

  it('in production the database is retained with its dependencies and backups', () => {
    const data = resources('prod');
    const server = one(data, type);
    expect(server.Properties).toMatchObject({
      DeletionProtection: true,
      DeleteAutomatedBackups: false,
      BackupRetentionPeriod: 14,
      ...(type === 'AWS::RDS::DBCluster' ? {} : { CopyTagsToSnapshot: true }),
    });
    const parameters = type === 'AWS::RDS::DBCluster' ? 'DBClusterParameterGroup' : 'DBParameterGroup';
    const kept = ['RDS::DBSubnetGroup', `RDS::${parameters}`, 'KMS::Key', 'EC2::VPC'];
    for (const name of [...kept, 'EC2::Subnet', 'Logs::LogGroup'])
      for (const one of Object.values(data.findResources(`AWS::${name}`)))
        expect(one).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
    // The cluster has the data: a removed reader is deleted.
    for (const [id, one] of Object.entries(data.findResources('AWS::RDS::DBInstance')))
      expect(one.DeletionPolicy).toBe(id.includes('Reader') ? 'Delete' : 'RetainExceptOnCreate');
    expect(one(data, 'AWS::EC2::SecurityGroup', 'Database')).toMatchObject({
      DeletionPolicy: 'RetainExceptOnCreate',
    });
    expect(server).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
    // The rest is deleted: the functions' group is referred to by rules.
    for (const name of ['SecurityGroupIngress', 'VPCEndpoint'])
      for (const one of Object.values(data.findResources(`AWS::EC2::${name}`)))
        expect(one).not.toHaveProperty('DeletionPolicy');
  });

  it('in dev the database is deleted without a trace', () => {
    const data = resources('dev');
    const server = one(data, type);
    expect(server.Properties).toMatchObject({ DeletionProtection: false, DeleteAutomatedBackups: true });
    const all = Object.values(data.toJSON().Resources as Record<string, { DeletionPolicy?: string }>);
    expect(all.filter(({ DeletionPolicy = 'Delete' }) => DeletionPolicy !== 'Delete')).toEqual([]);
  });

  it('in another disposable stage nothing prevents the deletion of the database', () => {
    expect(one(resources('prod', { removal: 'destroy' }), type)).toMatchObject({
      DeletionPolicy: 'Delete',
      Properties: { DeletionProtection: false },
    });
  });
});

it('the database key is for RDS and the named logs, and rotates every year', () => {
  const { data } = synthesise();
  const { KeyPolicy, EnableKeyRotation } = one(data as Template, 'AWS::KMS::Key').Properties as {
    KeyPolicy: { Statement: Statement[] };
    EnableKeyRotation: boolean;
  };
  expect(EnableKeyRotation).toBe(true);
  const by = (sid: string) => KeyPolicy.Statement.find(({ Sid }) => Sid === sid);
  const contexts = by('Log')?.Condition?.ArnLike?.['kms:EncryptionContext:aws:logs:arn'] as unknown[];
  expect(contexts.map((one) => text(one).replace(/^.*:log-group:/, ''))).toEqual([
    '/sluice/sluiceproddata-<guid>/network',
    '/aws/rds/instance/sluiceproddata-<guid>/postgresql',
    '/aws/rds/instance/sluiceproddata-<guid>/upgrade',
    '/aws/rds/instance/sluiceproddata-<guid>/iam-db-auth-error',
  ]);
  for (const sid of ['Use', 'Grant'])
    expect(text(by(sid)?.Condition?.StringEquals?.['kms:ViaService'])).toBe(
      'rds.<AWS::Region>.<AWS::URLSuffix>',
    );
  expect(by('Grant')?.Condition).toMatchObject({ Bool: { 'kms:GrantIsForAWSResource': 'true' } });
});

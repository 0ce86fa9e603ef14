import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { ImagePipeline } from '../../lib/image-pipeline.ts';
import { one, rights, text } from './reading.ts';
import { appProps, plain, synthesise, unbuilt } from './synthesis.ts';

const variablesOf = (template: Template, name: string) =>
  (
    one(template, 'AWS::Lambda::Function', `Functions${name}`).Properties.Environment as {
      Variables: Record<string, unknown>;
    }
  ).Variables;

describe.each([
  ['an instance', {}, 'DBInstanceIdentifiers', 'DbiResourceId'],
  ['Aurora', { engine: 'aurora-serverless' }, 'DBClusterIdentifiers', 'DBClusterResourceId'],
] as const)('a proxy in front of %s', (_, engine, targets, resourceId) => {
  const { data: own, pipeline } = synthesise({ database: { ...engine, proxy: true } });
  const data = own as Template;
  const proxy = one(data, 'AWS::RDS::DBProxy');
  const group = one(data, 'AWS::RDS::DBProxyTargetGroup');

  it('the proxy authenticates by IAM end to end, with TLS only and without a secret', () => {
    expect(proxy.Properties).toMatchObject({
      DefaultAuthScheme: 'IAM_AUTH',
      RequireTLS: true,
      DebugLogging: false,
    });
    expect(proxy.Properties).not.toHaveProperty('Auth');
    expect(rights(data, 'ProxyRole').map((right) => right.replace(/<[^>]*(ResourceId)>/, '<$1>'))).toEqual(
      [
        ...['sluice_analytics', 'sluice_api', 'sluice_audit', 'sluice_dispatch', 'sluice_export'],
        ...['sluice_exportjob', 'sluice_operate', 'sluice_process', 'sluice_relay', 'sluice_sweep'],
      ].map(
        (user) =>
          `rds-db:connect arn:<AWS::Partition>:rds-db:<AWS::Region>:<AWS::AccountId>:dbuser:<ResourceId>/${user}`,
      ),
    );
    expect(rights(data, 'ProxyRole').join()).toContain(resourceId);
  });

  it('the proxy opens no more connections than the budget allows, and its queue is shorter than a statement’s timeout', () => {
    expect(group.Properties).toMatchObject({
      // 100 − migrate 1 − reserve 10 − superuser 3. The connection of operate is of the pool.
      ConnectionPoolConfigurationInfo: { MaxConnectionsPercent: 86, ConnectionBorrowTimeout: 5 },
      [targets]: [expect.anything()],
    });
  });

  it('the proxy is created after the server', () => {
    for (const id of Object.keys(data.findResources('AWS::RDS::DBInstance')))
      expect(group.DependsOn).toContain(id);
  });

  it('the log group of the proxy is created before it and deleted with it, because a new proxy has the same name', () => {
    const logs = one(data, 'AWS::Logs::LogGroup', 'LogsProxy');
    expect(text(logs.Properties.LogGroupName)).toBe(`/aws/rds/proxy/${text(proxy.Properties.DBProxyName)}`);
    expect(proxy.DependsOn).toContain(logs.id);
    expect(logs.DeletionPolicy).toBe('Delete');
  });

  it('functions log in to the proxy, each as its own user', () => {
    for (const [name, user] of [
      ['api', 'sluice_api'],
      ['process', 'sluice_process'],
      ['sweep', 'sluice_sweep'],
      ['operate', 'sluice_operate'],
    ] as const) {
      expect(text(variablesOf(pipeline, name).DATABASE_HOST)).toMatch(/^<import .*Proxy.*Endpoint\w*>$/);
      expect(variablesOf(pipeline, name).DATABASE_PORT).toBe('5432');
      expect(variablesOf(pipeline, name).DATABASE_PREPARED_STATEMENTS).toBe('unnamed');
      const connects = rights(pipeline, `Functions${name}Role`).filter((one) => one.startsWith('rds-db'));
      expect(connects).toHaveLength(1);
      expect(connects[0]).toContain('DBProxyArn');
      expect(connects[0]).toMatch(new RegExp(`/${user}$`));
    }
  });

  it('migrate bypasses the proxy, and knows that sessions are pooled', () => {
    const variables = variablesOf(pipeline, 'migrate');
    expect(text(variables.DATABASE_HOST)).not.toContain('Proxy');
    expect(variables).toMatchObject({
      ROLES_POOLED: 'yes',
      DATABASE_ROLES: JSON.stringify({
        sluice_api: { connections: 86, persistent: true },
        sluice_export: { connections: 86, persistent: false },
        sluice_exportjob: { connections: 86, persistent: false },
        sluice_process: { connections: 86, persistent: false },
        sluice_sweep: { connections: 86, persistent: false },
        sluice_relay: { connections: 86, persistent: false },
        sluice_dispatch: { connections: 86, persistent: false },
        sluice_analytics: { connections: 86, persistent: false },
        sluice_audit: { connections: 86, persistent: false },
        sluice_operate: { connections: 86, persistent: false },
      }),
    });
  });

  it('the proxy’s group is between those of functions and database and admits nothing else', () => {
    const id = (part: string) => one(data, 'AWS::EC2::SecurityGroup', part).id;
    const rules = Object.values(data.findResources('AWS::EC2::SecurityGroupIngress')).map(({ Properties }) =>
      [Properties.SourceSecurityGroupId, Properties.GroupId].map(text).concat(String(Properties.FromPort)),
    );
    const ofGroup = (part: string) => `<${id(part)}.GroupId>`;
    expect(rules.filter((rule) => rule.includes(ofGroup('Proxy')))).toEqual([
      [ofGroup('Proxy'), ofGroup('Database'), '5433'],
      [ofGroup('Functions'), ofGroup('Proxy'), '5432'],
    ]);
    expect(proxy.Properties.VpcSecurityGroupIds).toEqual([{ 'Fn::GetAtt': [id('Proxy'), 'GroupId'] }]);
  });
});

describe('800 workers', () => {
  const many = { process: { maxConcurrency: 800 } };

  it('800 workers behind a proxy share 100 connections', () => {
    const { data, pipeline } = synthesise({ ...many, database: { proxy: true } });
    expect(one(data as Template, 'AWS::RDS::DBParameterGroup').Properties.Parameters).toMatchObject({
      max_connections: '100',
    });
    expect(
      one(data as Template, 'AWS::RDS::DBProxyTargetGroup').Properties.ConnectionPoolConfigurationInfo,
    ).toMatchObject({ MaxConnectionsPercent: 86 });
    expect(
      one(pipeline, 'AWS::Lambda::EventSourceMapping', 'ImagesMapping').Properties.ScalingConfig,
    ).toEqual({
      MaximumConcurrency: 800,
    });
    expect(
      one(pipeline, 'AWS::Lambda::Function', 'Functionsprocess').Properties.ReservedConcurrentExecutions,
    ).toBe(800);
    expect(JSON.parse(String(variablesOf(pipeline, 'migrate').DATABASE_ROLES))).toMatchObject({
      sluice_process: { connections: 86, persistent: false },
    });
  });

  it('800 workers without a proxy are refused with the arithmetic', () => {
    expect(() => synthesise(many)).toThrow(/process 800 .* = 868, but database\.maxConnections is 100/);
  });

  it('800 workers are accepted for a proxy that an app passes, and refused for a server', () => {
    const settings = {
      host: 'proxy.example',
      port: '5432',
      name: 'pictures',
      tls: 'verify',
      owner: { user: 'owner', resourceId: 'db-A', address: { host: 'server.example', port: '5432' } },
      roles: { auth: 'iam', resourceId: 'prx-A' },
    } as const;
    const config = { ...plain, ...many };
    const pipelineOn = (pooled: boolean) =>
      new ImagePipeline(new Stack(new App(appProps()), 'Whole'), 'Images', {
        config,
        functions: unbuilt({ ...config, database: { proxy: true } }),
        database: { ...settings, pooled },
      });
    expect(() => pipelineOn(true)).not.toThrow();
    expect(() => pipelineOn(false)).toThrow(/process 800 .* = 868/);
  });
});

describe('without a proxy', () => {
  it('without a proxy each role has its share, and sessions are not pooled', () => {
    const { data, pipeline } = synthesise();
    data?.resourceCountIs('AWS::RDS::DBProxy', 0);
    expect(variablesOf(pipeline, 'migrate')).toMatchObject({
      ROLES_POOLED: 'no',
      DATABASE_ROLES: JSON.stringify({
        sluice_api: { connections: 40, persistent: true },
        sluice_export: { connections: 2, persistent: false },
        sluice_exportjob: { connections: 1, persistent: false },
        sluice_process: { connections: 8, persistent: false },
        sluice_sweep: { connections: 2, persistent: false },
        sluice_relay: { connections: 2, persistent: false },
        sluice_dispatch: { connections: 2, persistent: false },
        sluice_analytics: { connections: 2, persistent: false },
        sluice_audit: { connections: 2, persistent: false },
        sluice_operate: { connections: 1, persistent: false },
      }),
    });
  });
});

describe('an existing proxy', () => {
  it('migrate bypasses an existing proxy by the server’s own address', () => {
    const { pipeline } = synthesise({
      database: {
        connection: {
          host: 'proxy.example',
          name: 'pictures',
          owner: {
            user: 'admin',
            secretArn: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:owner-abcdef',
            host: 'server.example',
            port: 6000,
          },
          roles: { auth: 'iam', resourceId: 'prx-ABC' },
        },
      },
    });
    expect(variablesOf(pipeline, 'api')).toMatchObject({
      DATABASE_HOST: 'proxy.example',
      DATABASE_PORT: '5432',
    });
    expect(variablesOf(pipeline, 'migrate')).toMatchObject({
      DATABASE_HOST: 'server.example',
      DATABASE_PORT: '6000',
      ROLES_POOLED: 'yes',
    });
  });
});

describe('a pipeline with a database in its own stack', () => {
  it('a pipeline with a database in its own stack has its proxy there, and migrates after the server is created', () => {
    const config = { ...plain, database: { engine: 'aurora-serverless', proxy: true } } as const;
    const stack = new Stack(new App(appProps()), 'Whole');
    new ImagePipeline(stack, 'Images', { config, functions: unbuilt(config) });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::RDS::DBProxy', 1);
    const writer = one(template, 'AWS::RDS::DBInstance', 'Writer').id;
    expect(one(template, 'Custom::Trigger').DependsOn).toContain(writer);
  });
});

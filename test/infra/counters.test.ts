import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { countersRights } from '../../lib/config/counters.ts';
import { ConfigMistakes } from '../../lib/config/resolve.ts';
import type { SluiceConfig } from '../../lib/config/schema.ts';
import { one, rights, text } from './reading.ts';
import { synthesise } from './synthesis.ts';

const counters = { store: 'valkey' } as const;
const variablesOf = (template: Template, name: string) =>
  (
    one(template, 'AWS::Lambda::Function', `Functions${name}`).Properties.Environment as {
      Variables: Record<string, unknown>;
    }
  ).Variables;
const typesOf = (template: Template) =>
  new Set(
    Object.values(template.toJSON().Resources as Record<string, { Type: string }>).map(({ Type }) => Type),
  );
const mistakesOf = (config: Partial<SluiceConfig>): string[] => {
  try {
    synthesise(config);
  } catch (error) {
    if (error instanceof ConfigMistakes) return error.mistakes;
    throw error;
  }
  return [];
};

it('without the setting there is no cache, and nothing names one', () => {
  const { pipeline } = synthesise();
  expect([...typesOf(pipeline)].filter((type) => type.includes('ElastiCache'))).toEqual([]);
  expect(Object.keys(variablesOf(pipeline, 'api')).join()).not.toContain('COUNTERS');
  expect(rights(pipeline, 'Functionsapi').join()).not.toContain('elasticache');
});

describe('a cache for the counters', () => {
  const { data: own, pipeline } = synthesise({ counters });
  const data = own as Template;
  const cache = one(data, 'AWS::ElastiCache::ServerlessCache');
  const user = one(data, 'AWS::ElastiCache::User');

  it('is Valkey, with bounds of its size and speed, in the subnets of the functions', () => {
    expect(cache.Properties).toMatchObject({
      Engine: 'valkey',
      CacheUsageLimits: {
        DataStorage: { Maximum: 1, Unit: 'GB' },
        ECPUPerSecond: { Maximum: 30_000 },
      },
      SubnetIds: [expect.anything(), expect.anything()],
    });
  });

  it('admits one user, who logs in by IAM and runs scripts on its own keys only', () => {
    expect(user.Properties).toMatchObject({ Engine: 'valkey', AuthenticationMode: { Type: 'iam' } });
    expect(user.Properties.AccessString).toBe(countersRights);
    expect(text(user.Properties.UserId)).toBe(text(user.Properties.UserName));
    const users = one(data, 'AWS::ElastiCache::UserGroup');
    expect(users.Properties.UserIds).toEqual([{ Ref: user.id }]);
    expect(cache.Properties.UserGroupId).toEqual({ Ref: users.id });
  });

  it('names fit the limits of ElastiCache: 40 characters, beginning with a letter', () => {
    const names = [
      cache.Properties.ServerlessCacheName,
      user.Properties.UserId,
      one(data, 'AWS::ElastiCache::UserGroup').Properties.UserGroupId,
    ];
    for (const name of names) {
      const whole = text(name).replace(/<[^>]*>/g, '12345678');
      expect(whole).toMatch(/^sluice-[a-z0-9-]{1,33}$/);
    }
  });

  it('is reached by the group of the functions on its port, and by nobody else', () => {
    const group = one(data, 'AWS::EC2::SecurityGroup', 'Counters');
    const ingress = one(data, 'AWS::EC2::SecurityGroupIngress', 'Counters');
    const egress = one(data, 'AWS::EC2::SecurityGroupEgress', 'Counters');
    expect(ingress.Properties).toMatchObject({ FromPort: 6379, ToPort: 6379, IpProtocol: 'tcp' });
    expect(text(ingress.Properties.GroupId)).toContain(group.id);
    expect(text(egress.Properties.DestinationSecurityGroupId)).toContain(group.id);
    expect(egress.Properties).toMatchObject({ FromPort: 6379, ToPort: 6379 });
    expect(text(egress.Properties.GroupId)).toBe(text(ingress.Properties.SourceSecurityGroupId));
    expect(group.Properties.SecurityGroupIngress ?? []).toEqual([]);
    expect([...typesOf(pipeline)].join()).not.toContain('ElastiCache');
  });

  it('api alone may connect, to this cache as this user', () => {
    const connects = (name: string) =>
      rights(pipeline, `Functions${name}`).filter((right) => right.startsWith('elasticache:'));
    expect(connects('api')).toHaveLength(2);
    expect(connects('api').join()).toMatch(
      /elasticache:Connect .*:serverlesscache:sluice-.*:user:sluice-.*-api/,
    );
    for (const name of ['process', 'sweep', 'enqueue', 'operate', 'migrate'])
      expect(connects(name)).toEqual([]);
  });

  it('tells the API how to log in', () => {
    expect(variablesOf(pipeline, 'api')).toMatchObject({
      COUNTERS_HOST: expect.anything(),
      COUNTERS_PORT: expect.anything(),
      COUNTERS_TLS: 'verify',
      COUNTERS_AUTH: 'iam',
      COUNTERS_SERVERLESS: 'yes',
      COUNTERS_WHEN_AWAY: 'refuse',
    });
    const { COUNTERS_HOST, COUNTERS_CACHE } = variablesOf(pipeline, 'api');
    expect(text(COUNTERS_HOST)).toMatch(/Counters.*Cache.*Address/);
    expect(text(COUNTERS_CACHE)).not.toBe('');
    expect(Object.keys(variablesOf(pipeline, 'process')).join()).not.toContain('COUNTERS');
  });
});

describe('an existing server', () => {
  const secretArn = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:counters-AbCdEf';

  it('is used with a password, which only api may read, through an endpoint of the network', () => {
    const { data, pipeline } = synthesise({
      counters: {
        ...counters,
        whenAway: 'admit',
        connection: {
          host: 'valkey.internal',
          login: { auth: 'password', secretArn },
          securityGroupId: 'sg-1',
        },
      },
    });
    expect(variablesOf(pipeline, 'api')).toMatchObject({
      COUNTERS_HOST: 'valkey.internal',
      COUNTERS_PORT: '6379',
      COUNTERS_AUTH: 'password',
      COUNTERS_SECRET_ARN: secretArn,
      COUNTERS_WHEN_AWAY: 'admit',
    });
    const reads = (name: string) =>
      rights(pipeline, `Functions${name}`).filter((right) => right.includes(secretArn));
    expect(reads('api')).toEqual([`secretsmanager:GetSecretValue ${secretArn}`]);
    expect(reads('process')).toEqual([]);
    expect(JSON.stringify((data as Template).findResources('AWS::EC2::VPCEndpoint'))).toContain(secretArn);
    expect(one(pipeline, 'AWS::EC2::SecurityGroupIngress', 'Counters').Properties).toMatchObject({
      GroupId: 'sg-1',
      FromPort: 6379,
    });
    expect([...typesOf(pipeline)].filter((type) => type.includes('ElastiCache'))).toEqual([]);
  });

  it.each([
    [true, 'serverlesscache'],
    [false, 'replicationgroup'],
  ])('is used by IAM, serverless %s', (serverless, type) => {
    const { pipeline } = synthesise({
      counters: {
        ...counters,
        connection: {
          host: 'cache.example',
          login: { auth: 'iam', user: 'api', cache: 'tallies', serverless },
        },
      },
    });
    const connect = rights(pipeline, 'Functionsapi').filter((right) => right.startsWith('elasticache:'));
    expect(connect.join()).toContain(`:${type}:tallies`);
    expect(connect.join()).toContain(':user:api');
  });
});

describe('mistakes', () => {
  it('are reported together, each with its path', () => {
    const connection = {
      host: '',
      port: 0,
      tls: 'off',
      login: { auth: 'iam', user: 'api', cache: 'No_Name' },
    } as const;
    const mistakes = mistakesOf({
      counters: { store: 'valkey', maxStorageGb: 0, connection, whenAway: 'maybe' as never },
    });
    expect(mistakes.map((mistake) => mistake.split(':')[0])).toEqual([
      'counters.whenAway',
      'counters.connection.host',
      'counters.connection.port',
      'counters.connection.login.cache',
      'counters.maxStorageGb',
    ]);
  });

  it.each([
    [
      'a server beside Postgres',
      { connection: { host: 'valkey', login: { auth: 'none' } } },
      "counters.connection: is only used with store: 'valkey'",
    ],
    [
      'a password without TLS',
      {
        store: 'valkey',
        connection: { host: 'valkey', tls: 'off', login: { auth: 'password', secretArn: 'arn:aws:x' } },
      },
      'counters.connection.tls: a login needs TLS, or its password or token is readable on the way',
    ],
  ] as const)('%s', (_, counters, mistake) => {
    expect(mistakesOf({ counters })).toContain(mistake);
  });

  it('a cache beside a database without a network', () => {
    const secretArn = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:db-AbCdEf';
    const connection = {
      host: 'db.example',
      name: 'sluice',
      owner: { user: 'postgres', secretArn },
      roles: { auth: 'password', secretArn },
    } as const;
    expect(mistakesOf({ counters, database: { connection } })).toEqual([
      'counters.store: a cache is reachable from a VPC only: give database.connection.network, or counters.connection',
    ]);
  });
});

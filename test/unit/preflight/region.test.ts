import { describe, expect, it } from 'vitest';
import type { SluiceConfig } from '../../../lib/config/schema.ts';
import { account, option, region, server, stack, tagsOf } from './answers.ts';
import { data, deployed, expectThat, finding, pipeline } from './looking.ts';

describe('logs', () => {
  const role = `arn:aws:iam::${account}:role/gateway`;
  const gatewayLogRole = async () => role;
  const off = { deploy: { gatewayLogRole: false } };

  it('of the gateway need a role, one for the whole account', async () => {
    expectThat(await finding("API Gateway's log role"), 'ok', 'this deploy sets one');
    expectThat(await finding("API Gateway's log role", {}, off), 'blocks', 'gatewayLogRole: true');
    expectThat(await finding("API Gateway's log role", { gatewayLogRole }, off), 'ok', role);
    expectThat(
      await finding("API Gateway's log role", { gatewayLogRole }),
      'warning',
      role,
      'gatewayLogRole: false',
    );
    const ours = deployed([{ type: 'AWS::ApiGateway::Account', id: 'account' }]);
    expectThat(
      await finding("API Gateway's log role", { gatewayLogRole, ...ours }),
      'ok',
      'the role of this stage',
    );
  });

  it('of the firewall need a policy, of which a region has ten', async () => {
    const policies = (count: number, ...more: { policyName: string; policyDocument: string }[]) => ({
      logPolicies: async () => [
        ...Array.from({ length: count }, (_, n) => ({ policyName: `one-${n}` })),
        ...more,
      ],
    });
    expectThat(await finding('log policies', policies(9)), 'ok', '9 of 10');
    expectThat(await finding('log policies', policies(10)), 'blocks', 'firewall: false, review: false');
    expectThat(await finding('log policies', policies(10), { deploy: { firewall: false } }), 'ok');
    const shared = (length: number) => ({ policyName: 'AWSWAF-LOGS', policyDocument: 'x'.repeat(length) });
    expectThat(await finding('log policies', policies(9, shared(900))), 'ok', 'is added to AWSWAF-LOGS');
    expectThat(
      await finding('log policies', policies(9, shared(5_000))),
      'warning',
      '5000 of 5120 characters',
    );
    const there = deployed([{ type: 'AWS::WAFv2::LoggingConfiguration', id: 'waf' }]);
    expectThat(await finding('log policies', { ...policies(10), ...there }), 'ok');
  });
});

describe('zones', () => {
  const zones = async () => ({ all: ['a', 'b', 'c'].map((end) => `us-east-1${end}`), ofDefaultVpc: [] });

  it('without the instance are in the way, and those that have it are named', async () => {
    const orderable = async () => [option(['us-east-1b', 'us-east-1c'])];
    expectThat(
      await finding('zones', { zones, orderable }),
      'blocks',
      'in us-east-1a',
      "database: { zones: ['us-east-1b', 'us-east-1c'] }",
    );
    const database = { zones: ['us-east-1b', 'us-east-1c'] };
    expectThat(
      await finding('zones', { zones, orderable }, { database }),
      'ok',
      'in us-east-1b and us-east-1c',
    );
  });

  it('are those of the default VPC where there is one: CloudFormation knows only these', async () => {
    const only = async () => ({ ...(await zones()), ofDefaultVpc: ['us-east-1b', 'us-east-1c'] });
    const orderable = async () => [option(['us-east-1b', 'us-east-1c'])];
    expectThat(await finding('zones', { zones: only, orderable }), 'ok', 'in us-east-1b and us-east-1c');
  });

  it('where there is no such instance for this PostgreSQL say so', async () => {
    const older = async () => [option(['us-east-1a', 'us-east-1b'], { EngineVersion: '17.6' })];
    expectThat(
      await finding('zones', { zones, orderable: older }),
      'blocks',
      'in no zone',
      'database.instance',
    );
    const alone = async () => [option(['us-east-1a', 'us-east-1b'], { MultiAZCapable: false })];
    expectThat(await finding('zones', { zones, orderable: alone }), 'blocks', 'and a standby');
    expectThat(await finding('zones', { zones, orderable: alone }, {}, 'dev'), 'ok');
  });

  it('of a server that stands are no question', async () => {
    expectThat(await finding('zones', { orderable: async () => [], ...deployed() }), 'ok', 'exists already');
  });
});

describe('what an earlier deployment has left', () => {
  const gone = stack('SluiceProdData', {}, 'before');
  const left = {
    servers: async () => [server(gone, 'before')],
    vpcs: async () => [{ VpcId: 'vpc-0before', Tags: tagsOf(gone) }],
    buckets: async () => [`sluicepr-images-0c89091d-9f8e7d6c-${account}-${region}`, 'somebody-elses'],
    bucketTags: async () => ({
      'aws:cloudformation:stack-name': 'SluiceProdPipeline',
      'aws:cloudformation:stack-id': 'arn:of:another:life',
    }),
    logGroups: async (prefix: string) =>
      prefix === '/sluice/sluiceproddata-' ? [`${prefix}9f8e7d6c/network`] : [],
  };

  it('is paid for, and it is said how to use it or be rid of it', async () => {
    const one = await finding('leftovers', left);
    expectThat(
      one,
      'warning',
      'server sluiceproddata-9f8e7d6c runs and is billed',
      'network vpc-0before',
      `bucket sluicepr-images-0c89091d-9f8e7d6c-${account}-${region}`,
      'logs /sluice/sluiceproddata-9f8e7d6c/network',
      'database.connection',
      'aws rds delete-db-instance --db-instance-identifier sluiceproddata-9f8e7d6c',
    );
    expect(one.says).not.toContain('somebody-elses');
  });

  it('is not what the stage has now, nor another stage’s', async () => {
    const now = {
      ...deployed(),
      servers: async () => [server(data, 'now'), server(stack('SluiceDevData', {}, 'before'), 'before')],
      vpcs: async () => [{ VpcId: 'vpc-0now', Tags: tagsOf(data) }],
      buckets: async () => [`sluicepr-images-0c89091d-1a2b3c4d-${account}-${region}`],
      bucketTags: async () => Object.fromEntries(tagsOf(pipeline).map(({ Key, Value }) => [Key, Value])),
      logGroups: async (prefix: string) => [`${prefix}1a2b3c4d/network`],
    };
    expectThat(await finding('leftovers', now), 'ok');
  });

  it('is not the old server that the stage goes on with, and its network and logs', async () => {
    const connection = {
      host: 'sluiceproddata-9f8e7d6c.abc.eu-central-1.rds.amazonaws.com',
      port: 5433,
      name: 'sluice',
      owner: { user: 'sluice_owner', resourceId: 'db-BEFORE' },
      roles: { auth: 'iam', resourceId: 'db-BEFORE' },
      network: {
        vpcId: 'vpc-0before',
        availabilityZones: ['eu-central-1a'],
        subnetIds: ['subnet-1'],
        securityGroupIds: ['sg-1'],
      },
    } as const;
    const servers = async () => [{ ...server(gone, 'before'), DbiResourceId: 'db-BEFORE' }];
    const used = { ...left, servers, buckets: async () => [] };
    const config = { database: { connection } } as unknown as Partial<SluiceConfig>;
    expectThat(await finding('leftovers', used, config), 'ok');
    const clusters = async () => [
      { DBClusterIdentifier: 'sluiceproddata-9f8e7d6c', TagList: tagsOf(gone), Endpoint: connection.host },
    ];
    expectThat(await finding('leftovers', { ...used, servers: async () => [], clusters }, config), 'ok');
    // Another one is.
    const other = {
      ...used,
      servers: async () => [{ ...server(gone, 'before'), DbiResourceId: 'db-OTHER' }],
    };
    expectThat(await finding('leftovers', other, config), 'warning', 'server sluiceproddata-');
  });

  it('is told as far as it can be seen', async () => {
    const servers = () => Promise.reject(new Error('away'));
    expectThat(
      await finding('leftovers', { ...left, servers }),
      'warning',
      'bucket sluicepr',
      'server could not be queried: away',
    );
    expectThat(await finding('leftovers', { servers }), 'unknown', 'nothing was found', 'away');
  });
});

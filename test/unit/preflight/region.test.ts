import { describe, expect, it } from 'vitest';
import type { SluiceConfig } from '../../../lib/config/schema.ts';
import { account, option, region, server, stack, tagsOf } from './account-fixtures.ts';
import { data, deployed, expectFinding, finding, pipeline } from './run-preflight.ts';

describe('logs', () => {
  const role = `arn:aws:iam::${account}:role/gateway`;
  const gatewayLogRole = async () => role;
  const off = { deploy: { gatewayLogRole: false } };

  it('the gateway’s logs need a role, one per account', async () => {
    expectFinding(await finding("API Gateway's log role"), 'ok', 'this deploy sets one');
    expectFinding(await finding("API Gateway's log role", {}, off), 'blocks', 'gatewayLogRole: true');
    expectFinding(await finding("API Gateway's log role", { gatewayLogRole }, off), 'ok', role);
    expectFinding(
      await finding("API Gateway's log role", { gatewayLogRole }),
      'warning',
      role,
      'gatewayLogRole: false',
    );
    const ours = deployed([{ type: 'AWS::ApiGateway::Account', id: 'account' }]);
    expectFinding(
      await finding("API Gateway's log role", { gatewayLogRole, ...ours }),
      'ok',
      'the role of this stage',
    );
  });

  it('the firewall’s logs need a resource policy, of which a region allows ten', async () => {
    const policies = (count: number, ...more: { policyName: string; policyDocument: string }[]) => ({
      logPolicies: async () => [
        ...Array.from({ length: count }, (_, n) => ({ policyName: `one-${n}` })),
        ...more,
      ],
    });
    expectFinding(await finding('log policies', policies(9)), 'ok', '9 of 10');
    expectFinding(await finding('log policies', policies(10)), 'blocks', 'firewall: false, review: false');
    expectFinding(await finding('log policies', policies(10), { deploy: { firewall: false } }), 'ok');
    const shared = (length: number) => ({ policyName: 'AWSWAF-LOGS', policyDocument: 'x'.repeat(length) });
    expectFinding(await finding('log policies', policies(9, shared(900))), 'ok', 'is added to AWSWAF-LOGS');
    expectFinding(
      await finding('log policies', policies(9, shared(5_000))),
      'warning',
      '5000 of 5120 characters',
    );
    const there = deployed([{ type: 'AWS::WAFv2::LoggingConfiguration', id: 'waf' }]);
    expectFinding(await finding('log policies', { ...policies(10), ...there }), 'ok');
  });
});

describe('zones', () => {
  const zones = async () => ({ all: ['a', 'b', 'c'].map((end) => `us-east-1${end}`), ofDefaultVpc: [] });

  it('zones without the instance class block the deploy, and suitable ones are named', async () => {
    const orderable = async () => [option(['us-east-1b', 'us-east-1c'])];
    expectFinding(
      await finding('zones', { zones, orderable }),
      'blocks',
      'in us-east-1a',
      "database: { zones: ['us-east-1b', 'us-east-1c'] }",
    );
    const database = { zones: ['us-east-1b', 'us-east-1c'] };
    expectFinding(
      await finding('zones', { zones, orderable }, { database }),
      'ok',
      'in us-east-1b and us-east-1c',
    );
  });

  it('zones are those of the default VPC if there is one, as in CloudFormation', async () => {
    const only = async () => ({ ...(await zones()), ofDefaultVpc: ['us-east-1b', 'us-east-1c'] });
    const orderable = async () => [option(['us-east-1b', 'us-east-1c'])];
    expectFinding(await finding('zones', { zones: only, orderable }), 'ok', 'in us-east-1b and us-east-1c');
  });

  it('an instance class that no zone offers for this PostgreSQL is reported', async () => {
    const older = async () => [option(['us-east-1a', 'us-east-1b'], { EngineVersion: '17.6' })];
    expectFinding(
      await finding('zones', { zones, orderable: older }),
      'blocks',
      'in no zone',
      'database.instance',
    );
    const alone = async () => [option(['us-east-1a', 'us-east-1b'], { MultiAZCapable: false })];
    expectFinding(await finding('zones', { zones, orderable: alone }), 'blocks', 'and a standby');
    expectFinding(await finding('zones', { zones, orderable: alone }, {}, 'dev'), 'ok');
  });

  it('zones are not checked if the server exists', async () => {
    expectFinding(
      await finding('zones', { orderable: async () => [], ...deployed() }),
      'ok',
      'exists already',
    );
  });
});

describe('leftovers of an earlier deployment', () => {
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

  it('leftovers are billed, and the finding says how to use or delete them', async () => {
    const one = await finding('leftovers', left);
    expectFinding(
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

  it('resources of the current deployment or of another stage are not leftovers', async () => {
    const now = {
      ...deployed(),
      servers: async () => [server(data, 'now'), server(stack('SluiceDevData', {}, 'before'), 'before')],
      vpcs: async () => [{ VpcId: 'vpc-0now', Tags: tagsOf(data) }],
      buckets: async () => [`sluicepr-images-0c89091d-1a2b3c4d-${account}-${region}`],
      bucketTags: async () => Object.fromEntries(tagsOf(pipeline).map(({ Key, Value }) => [Key, Value])),
      logGroups: async (prefix: string) => [`${prefix}1a2b3c4d/network`],
    };
    expectFinding(await finding('leftovers', now), 'ok');
  });

  it('an old server that the stage is connected to is no leftover, nor are its network and logs', async () => {
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
    expectFinding(await finding('leftovers', used, config), 'ok');
    const clusters = async () => [
      { DBClusterIdentifier: 'sluiceproddata-9f8e7d6c', TagList: tagsOf(gone), Endpoint: connection.host },
    ];
    expectFinding(await finding('leftovers', { ...used, servers: async () => [], clusters }, config), 'ok');
    // Another server is one.
    const other = {
      ...used,
      servers: async () => [{ ...server(gone, 'before'), DbiResourceId: 'db-OTHER' }],
    };
    expectFinding(await finding('leftovers', other, config), 'warning', 'server sluiceproddata-');
  });

  it('leftovers are reported as far as the queries succeed', async () => {
    const servers = () => Promise.reject(new Error('away'));
    expectFinding(
      await finding('leftovers', { ...left, servers }),
      'warning',
      'bucket sluicepr',
      'server could not be queried: away',
    );
    expectFinding(await finding('leftovers', { servers }), 'unknown', 'nothing was found', 'away');
  });
});

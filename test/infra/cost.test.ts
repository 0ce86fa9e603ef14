import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { stageConfig } from '../../lib/config/resolve.ts';
import type { SluiceConfig } from '../../lib/config/schema.ts';
import { monthlyCost, sumOf } from '../../lib/plan/cost.ts';
import { prices } from '../../lib/plan/prices.ts';
import { plain, synthesise } from './synthesis.ts';

/*
 * `npm run cost` estimates from the configuration; this test compares the estimate with the templates.
 */

/** Types that cost something when idle, all counted below. */
const charged = new Set([
  'AWS::RDS::DBInstance',
  'AWS::RDS::DBCluster',
  'AWS::RDS::DBProxy',
  'AWS::EC2::VPCEndpoint',
  'AWS::KMS::Key',
  'AWS::WAFv2::WebACL',
  'AWS::ElastiCache::ServerlessCache',
  'AWS::CloudWatch::Alarm',
]);
/** Types that cost nothing, or only by usage, which is estimated per image. */
const free =
  /^(AWS::(ApiGateway::|IAM::|Lambda::|Logs::|SQS::|S3::|Events::(Rule|EventBus|Archive)$|CDK::Metadata|EC2::(VPC|Subnet|RouteTable|SubnetRouteTableAssociation|SecurityGroup|SecurityGroupIngress|SecurityGroupEgress|FlowLog)$|ElastiCache::(User|UserGroup)$|RDS::(DBParameterGroup|DBClusterParameterGroup|DBSubnetGroup|DBProxyTargetGroup)|WAFv2::(WebACLAssociation|LoggingConfiguration))|Custom::)/;

const stages: [string, Partial<SluiceConfig>, string][] = [
  ['dev', {}, 'dev'],
  ['prod', {}, 'prod'],
  ['prod with a proxy and a password', { database: { proxy: true, ownerLogin: 'password' } }, 'prod'],
  ['prod with a cache for counters', { counters: { store: 'valkey' } }, 'prod'],
  ['prod on Aurora', { database: { engine: 'aurora-serverless' } }, 'prod'],
];

describe.each(stages)('the cost estimate of %s', (_name, changes, stage) => {
  const { data, pipeline } = synthesise(changes, {}, stage);
  const config = stageConfig({ ...plain, ...changes, deploy: { review: false, ...changes.deploy } }, stage);
  const templates = [data, pipeline].filter((one): one is Template => one !== undefined);
  const of = (type: string) =>
    templates.flatMap((template) => Object.values(template.findResources(type))) as {
      Properties: Record<string, unknown>;
    }[];
  const paid = (name: string) =>
    sumOf(
      monthlyCost(config, 0).filter((part) => part.name.startsWith(name)),
      'idle',
    );

  it('the estimate classifies every resource type as free or billed', () => {
    const types = new Set(
      templates.flatMap((template) =>
        Object.values(template.toJSON().Resources as Record<string, { Type: string }>).map(
          ({ Type }) => Type,
        ),
      ),
    );
    expect([...types].filter((type) => !charged.has(type) && !free.test(type))).toEqual([]);
  });

  it('the estimate counts alarms as deployed', () => {
    expect(paid('Alarms')).toBeCloseTo(of('AWS::CloudWatch::Alarm').length * prices.alarmMonth, 6);
  });

  it('the estimate counts a cache as deployed', () => {
    const caches = of('AWS::ElastiCache::ServerlessCache').length;
    expect(paid('Cache for counters')).toBeCloseTo(caches * 0.1 * 730 * 0.084, 6);
  });

  it('the estimate counts keys, endpoints by zone, and firewall rules as deployed', () => {
    expect(paid('KMS keys')).toBe(of('AWS::KMS::Key').length * prices.kmsKeyMonth);
    const zones = of('AWS::EC2::VPCEndpoint')
      .filter(({ Properties }) => Properties.VpcEndpointType === 'Interface')
      .reduce((sum, { Properties }) => sum + (Properties.SubnetIds as unknown[]).length, 0);
    expect(paid('Endpoints')).toBeCloseTo(zones * 730 * prices.endpointZoneHour, 6);
    const acls = of('AWS::WAFv2::WebACL');
    const rules = acls.reduce((sum, { Properties }) => sum + (Properties.Rules as unknown[]).length, 0);
    expect(paid('Firewall')).toBe(acls.length * prices.wafAclMonth + rules * prices.wafRuleMonth);
  });

  it('the estimate includes the deployed server, its storage and its secret', () => {
    const cluster = of('AWS::RDS::DBCluster')[0]?.Properties;
    const instances = of('AWS::RDS::DBInstance').map(({ Properties }) => Properties);
    const managed = [cluster, ...instances].some((one) => one?.ManageMasterUserPassword === true);
    expect(paid('Owner’s secret')).toBe(managed ? prices.secretMonth : 0);
    expect(paid('RDS Proxy') > 0).toBe(of('AWS::RDS::DBProxy').length === 1);
    if (cluster !== undefined) {
      const { MinCapacity } = cluster.ServerlessV2ScalingConfiguration as { MinCapacity: number };
      expect(paid('Aurora')).toBeCloseTo(instances.length * MinCapacity * 730 * prices.auroraUnitHour, 6);
      return;
    }
    const [server] = instances;
    const zones = server?.MultiAZ === true ? 2 : 1;
    const hour = prices.rdsHour[String(server?.DBInstanceClass).replace(/^db\./, '')] ?? Number.NaN;
    expect(paid('RDS t') + paid('RDS m')).toBeCloseTo(zones * 730 * hour, 6);
    expect(paid('RDS storage')).toBeCloseTo(
      zones * Number(server?.AllocatedStorage) * prices.rdsStorageGbMonth,
      6,
    );
  });
});

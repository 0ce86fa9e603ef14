import type { Stack } from '@aws-sdk/client-cloudformation';
import type { DBInstance, OrderableDBInstanceOption } from '@aws-sdk/client-rds';
import type { AccountQueries } from '../../../lib/preflight/account-queries.ts';

/* Responses in the services' shapes. The account number is the one in AWS's documentation. */

export const account = '111122223333';
export const region = 'eu-central-1';
const arn = (service: string, rest: string) => `arn:aws:${service}:${region}:${account}:${rest}`;
const guids = { now: '1a2b3c4d-0000-11ef-8000-0123456789ab', before: '9f8e7d6c-0000-11ee-8000-0123456789ab' };

export function stack(
  name: string,
  changes: Partial<Stack> = {},
  generation: keyof typeof guids = 'now',
): Stack {
  return {
    StackName: name,
    StackId: arn('cloudformation', `stack/${name}/${guids[generation]}`),
    StackStatus: 'CREATE_COMPLETE',
    Description: 'Sluice: network and database',
    CreationTime: new Date('2026-11-01T10:00:00Z'),
    ...changes,
  };
}

/** The tags that CloudFormation puts on its resources. */
export const tagsOf = ({ StackName = '', StackId = '' }: Stack) => [
  { Key: 'aws:cloudformation:stack-name', Value: StackName },
  { Key: 'aws:cloudformation:stack-id', Value: StackId },
  { Key: 'application', Value: 'Sluice' },
];

export function server(of: Stack, generation: keyof typeof guids): DBInstance {
  return {
    DBInstanceIdentifier: `sluiceproddata-${guids[generation].slice(0, 8)}`,
    DBInstanceClass: 'db.t4g.small',
    Engine: 'postgres',
    DBInstanceStatus: 'available',
    AllocatedStorage: 20,
    MultiAZ: true,
    DeletionProtection: true,
    TagList: tagsOf(of),
  };
}

export function option(
  zones: string[],
  changes: Partial<OrderableDBInstanceOption> = {},
): OrderableDBInstanceOption {
  return {
    Engine: 'postgres',
    EngineVersion: '18.1',
    DBInstanceClass: 'db.t4g.small',
    LicenseModel: 'postgresql-license',
    AvailabilityZones: zones.map((Name) => ({ Name })),
    MultiAZCapable: true,
    StorageType: 'gp3',
    Vpc: true,
    SupportsIAMDatabaseAuthentication: true,
    ...changes,
  };
}

/** A bootstrapped account in use, without anything of Sluice. */
export function freshAccount(changes: Partial<AccountQueries> = {}): AccountQueries {
  const quotas: Record<string, { name: string; value: number }> = {
    'vpc L-F678F1CE': { name: 'VPCs per Region', value: 5 },
    'vpc L-1B52E74A': { name: 'Gateway VPC endpoints per Region', value: 20 },
    'rds L-7B6409FD': { name: 'DB instances', value: 40 },
    'rds L-952B80B8': { name: 'DB clusters', value: 40 },
    'rds L-7ADDB58A': { name: 'Total storage for all DB instances', value: 100_000 },
    'apigateway L-AA0FF27B': { name: 'Regional APIs per Region', value: 600 },
  };
  const toolkit: Stack = stack('CDKToolkit', {
    Description: 'This stack includes resources needed to deploy AWS CDK apps into this environment',
    Outputs: [
      { OutputKey: 'BucketName', OutputValue: `cdk-hnb659fds-assets-${account}-${region}` },
      { OutputKey: 'BootstrapVersion', OutputValue: '29' },
    ],
  });
  return {
    identity: async () => ({ account, region, regionNamed: true, arn: arn('iam', 'user/somebody') }),
    stack: async (name) => (name === 'CDKToolkit' ? toolkit : undefined),
    stackResources: async () => [],
    lambdaAccount: async () => ({
      limit: {
        TotalCodeSize: 80_530_636_800,
        CodeSizeUnzipped: 262_144_000,
        CodeSizeZipped: 52_428_800,
        ConcurrentExecutions: 1_000,
        UnreservedConcurrentExecutions: 1_000,
      },
      usage: { TotalCodeSize: 104_857_600, FunctionCount: 12 },
    }),
    reserved: async () => 0,
    quota: async (service, code) => {
      const found = quotas[`${service} ${code}`];
      if (found === undefined) throw new Error(`no such quota: ${service} ${code}`);
      return found;
    },
    vpcs: async () => [{ VpcId: 'vpc-0default', IsDefault: true, Tags: [] }],
    gatewayEndpoints: async () => 0,
    zones: async () => {
      const all = ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'];
      return { all, ofDefaultVpc: all };
    },
    servers: async () => [],
    clusters: async () => [],
    orderable: async () => [option(['eu-central-1a', 'eu-central-1b', 'eu-central-1c'])],
    gatewayLogRole: async () => undefined,
    restApis: async () => 3,
    logPolicies: async () => [],
    logGroups: async () => [],
    buckets: async () => [],
    bucketTags: async () => ({}),
    iamSummary: async () => ({ Roles: 60, RolesQuota: 1_000, Policies: 30, PoliciesQuota: 1_500 }),
    ...changes,
  };
}

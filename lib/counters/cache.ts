import { ArnFormat, Fn, Stack } from 'aws-cdk-lib';
import { Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { CfnServerlessCache, CfnUser, CfnUserGroup } from 'aws-cdk-lib/aws-elasticache';
import { Construct } from 'constructs';
import { ConfigMistakes } from '../config/resolve.ts';
import type { ResolvedConfig } from '../config/schema.ts';
import type { FunctionNetwork } from '../data/connection.ts';
import { uniqueName } from '../naming/unique-name.ts';

/** What the scripts of lambda/valkey call, on keys of their own. */
const accessString = 'on ~sluice:* resetchannels -@all +evalsha +eval +hmget +hset +exists +expire +time';
/** Of ElastiCache Serverless, each in a zone of its own. */
const leastSubnets = 2;
const mostSubnets = 3;

/**
 * An ElastiCache Serverless cache for Valkey, with one user that logs in by IAM. Only TLS. It has no snapshots: lost
 * counters are rebuilt from Postgres.
 */
export class CountersCache extends Construct {
  readonly host: string;
  readonly port: string;
  /** The cache's name, and the user's id and name. */
  readonly names: { cache: string; user: string };
  /** To connect by IAM needs rights on both. */
  readonly arns: string[];
  readonly group: SecurityGroup;

  constructor(
    scope: Construct,
    id: string,
    { maxStorageGb, maxEcpuPerSecond }: ResolvedConfig['counters'],
    { vpc, subnets }: FunctionNetwork,
  ) {
    super(scope, id);
    const { subnetIds } = vpc.selectSubnets(subnets);
    if (subnetIds.length < leastSubnets)
      throw new ConfigMistakes([
        'counters.store: a cache needs two subnets in different zones, and the functions have one: give counters.connection',
      ]);
    this.group = new SecurityGroup(this, 'Group', {
      vpc,
      description: 'Counters of the pipeline',
      allowAllOutbound: false,
    });
    // At most 40 characters, and with the pipeline's address, because a stack may have two.
    const name = uniqueName(this, 'sluice', this.node.addr.slice(-8));
    const user = new CfnUser(this, 'User', {
      engine: 'valkey',
      userId: Fn.join('-', [name, 'api']),
      // The id and the name of a user that logs in by IAM are the same.
      userName: Fn.join('-', [name, 'api']),
      authenticationMode: { Type: 'iam' },
      accessString,
    });
    const users = new CfnUserGroup(this, 'Users', {
      engine: 'valkey',
      userGroupId: Fn.join('-', [name, 'users']),
      userIds: [user.ref],
    });
    const cache = new CfnServerlessCache(this, 'Cache', {
      engine: 'valkey',
      majorEngineVersion: '8',
      serverlessCacheName: name,
      description: 'Counters of quotas',
      userGroupId: users.ref,
      subnetIds: subnetIds.slice(0, mostSubnets),
      securityGroupIds: [this.group.securityGroupId],
      cacheUsageLimits: {
        dataStorage: { maximum: maxStorageGb, unit: 'GB' },
        ecpuPerSecond: { maximum: maxEcpuPerSecond },
      },
    });
    this.host = cache.attrEndpointAddress;
    this.port = cache.attrEndpointPort;
    this.names = { cache: name, user: Fn.join('-', [name, 'api']) };
    this.arns = [
      ['serverlesscache', name],
      ['user', this.names.user],
    ].map(([resource = '', resourceName = '']) => cacheArn(this, resource, resourceName));
  }
}

/** The port of ElastiCache Serverless for writes and current reads. */
export const cachePort = Port.tcp(6379);

export function cacheArn(scope: Construct, resource: string, resourceName: string): string {
  return Stack.of(scope).formatArn({
    service: 'elasticache',
    resource,
    resourceName,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}

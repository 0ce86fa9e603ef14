import { Fn } from 'aws-cdk-lib';
import { CfnSecurityGroupEgress, type ISecurityGroup, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { CfnServerlessCache, CfnUser, CfnUserGroup } from 'aws-cdk-lib/aws-elasticache';
import { Construct } from 'constructs';
import { countersRights } from '../config/counters.ts';
import { ConfigMistakes } from '../config/resolve.ts';
import type { ResolvedConfig } from '../config/schema.ts';
import { uniqueName } from '../naming/unique-name.ts';
import type { CacheSettings, FunctionNetwork } from './connection.ts';

/** Of ElastiCache Serverless, each in a zone of its own. */
const leastSubnets = 2;
const mostSubnets = 3;

/**
 * An ElastiCache Serverless cache for Valkey, with one user that logs in by IAM. Only TLS. It has no snapshots: lost
 * counters are rebuilt from Postgres.
 */
export class CountersCache extends Construct {
  readonly settings: CacheSettings;

  constructor(
    scope: Construct,
    id: string,
    { maxStorageGb, maxEcpuPerSecond }: ResolvedConfig['counters'],
    { vpc, subnets, securityGroups }: FunctionNetwork,
  ) {
    super(scope, id);
    const { subnetIds } = vpc.selectSubnets(subnets);
    if (subnetIds.length < leastSubnets)
      throw new ConfigMistakes([
        'counters.store: a cache needs two subnets in different zones, and the functions have one: give counters.connection',
      ]);
    const group = new SecurityGroup(this, 'Group', {
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
      accessString: countersRights,
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
      securityGroupIds: [group.securityGroupId],
      cacheUsageLimits: {
        dataStorage: { maximum: maxStorageGb, unit: 'GB' },
        ecpuPerSecond: { maximum: maxEcpuPerSecond },
      },
    });
    for (const functions of securityGroups) {
      group.addIngressRule(functions, cachePort, 'Functions of the pipeline');
      allowOut(this, functions, group, cachePort);
    }
    this.settings = {
      host: cache.attrEndpointAddress,
      port: cache.attrEndpointPort,
      cache: name,
      user: Fn.join('-', [name, 'api']),
    };
  }
}

/** The port of ElastiCache Serverless for writes and current reads. */
const cachePort = Port.tcp(6379);

/**
 * A rule of this stack, because the functions' group may be another's, which must not depend on this one. An imported group
 * is left as it is.
 */
export function allowOut(scope: Construct, functions: ISecurityGroup, to: ISecurityGroup, port: Port): void {
  if (!(functions instanceof SecurityGroup) || functions.allowAllOutbound) return;
  const rule = port.toRuleJson() as { ipProtocol: string; fromPort: number; toPort: number };
  new CfnSecurityGroupEgress(scope, `From${functions.node.addr.slice(-8)}`, {
    groupId: functions.securityGroupId,
    destinationSecurityGroupId: to.securityGroupId,
    description: 'Counters of quotas',
    ...rule,
  });
}

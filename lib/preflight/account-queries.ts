import type { Stack } from '@aws-sdk/client-cloudformation';
import type { ResourcePolicy } from '@aws-sdk/client-cloudwatch-logs';
import type { Vpc } from '@aws-sdk/client-ec2';
import type { AccountLimit, AccountUsage } from '@aws-sdk/client-lambda';
import type { DBCluster, DBInstance, OrderableDBInstanceOption } from '@aws-sdk/client-rds';

/** Who asks, and of which account and region. */
export interface Identity {
  account: string;
  arn: string;
  region: string;
  /** False where nobody named a region and the CDK's CLI would take us-east-1. */
  regionNamed: boolean;
}

export interface Quota {
  name: string;
  value: number;
  /** False for one that AWS raises for nobody. */
  adjustable?: boolean | undefined;
}

/** A resource of a stack by its ids. */
export interface StackResource {
  type: string;
  /** Its physical id: a function's name, a bucket's. */
  id: string;
}

/** Zones of a region that can be used, as the template would take them: in the order of their names. */
export interface Zones {
  all: string[];
  /** Those with a subnet of the default VPC; where there are any, CloudFormation knows only these. */
  ofDefaultVpc: string[];
}

/**
 * What an account is asked, each in the shape that the service answers in. What cannot be asked (no right, no such
 * service there) throws.
 */
export interface AccountQueries {
  identity(): Promise<Identity>;
  /** Undefined where there is none. */
  stack(name: string): Promise<Stack | undefined>;
  stackResources(name: string): Promise<StackResource[]>;
  lambdaAccount(): Promise<{ limit: AccountLimit; usage: AccountUsage }>;
  /** Executions that a function reserves; 0 where none. */
  reserved(functionName: string): Promise<number>;
  quota(service: string, code: string): Promise<Quota>;
  vpcs(): Promise<Vpc[]>;
  gatewayEndpoints(): Promise<number>;
  zones(): Promise<Zones>;
  servers(): Promise<DBInstance[]>;
  clusters(): Promise<DBCluster[]>;
  orderable(engine: string, instanceClass: string): Promise<OrderableDBInstanceOption[]>;
  /** The ARN of the role with which API Gateway writes logs; undefined where it has none. */
  gatewayLogRole(): Promise<string | undefined>;
  restApis(): Promise<number>;
  logPolicies(): Promise<ResourcePolicy[]>;
  /** Names of log groups that begin so. */
  logGroups(prefix: string): Promise<string[]>;
  /** Names of all buckets of the account. */
  buckets(): Promise<string[]>;
  bucketTags(name: string): Promise<Record<string, string>>;
  /** IAM's counts and limits, as `Roles` and `RolesQuota`. */
  iamSummary(): Promise<Record<string, number>>;
}

import type { Stack } from '@aws-sdk/client-cloudformation';
import type { ResourcePolicy } from '@aws-sdk/client-cloudwatch-logs';
import type { Vpc } from '@aws-sdk/client-ec2';
import type { AccountLimit, AccountUsage } from '@aws-sdk/client-lambda';
import type { DBCluster, DBInstance, OrderableDBInstanceOption } from '@aws-sdk/client-rds';

/** The caller, with account and region. */
export interface Identity {
  account: string;
  arn: string;
  region: string;
  /** False if no region is configured and the CDK's CLI would use us-east-1. */
  regionNamed: boolean;
}

export interface Quota {
  name: string;
  value: number;
  /** False if AWS does not raise it. */
  adjustable?: boolean | undefined;
}

export interface StackResource {
  type: string;
  /** Physical id: the name of a function or bucket. */
  id: string;
}

/** Available zones of a region, sorted by name, in the order in which the template selects them. */
export interface Zones {
  all: string[];
  /** Zones with a subnet of the default VPC; if there are any, CloudFormation uses only these. */
  ofDefaultVpc: string[];
}

/** The queries to an account, with results in the services' own types. A query throws if permission or service is missing. */
export interface AccountQueries {
  identity(): Promise<Identity>;
  /** Undefined if the stack does not exist. */
  stack(name: string): Promise<Stack | undefined>;
  stackResources(name: string): Promise<StackResource[]>;
  lambdaAccount(): Promise<{ limit: AccountLimit; usage: AccountUsage }>;
  /** A function's reserved concurrency, 0 if none. */
  reserved(functionName: string): Promise<number>;
  quota(service: string, code: string): Promise<Quota>;
  vpcs(): Promise<Vpc[]>;
  gatewayEndpoints(): Promise<number>;
  zones(): Promise<Zones>;
  servers(): Promise<DBInstance[]>;
  clusters(): Promise<DBCluster[]>;
  orderable(engine: string, instanceClass: string): Promise<OrderableDBInstanceOption[]>;
  /** ARN of the role that API Gateway uses for logs; undefined if not set. */
  gatewayLogRole(): Promise<string | undefined>;
  restApis(): Promise<number>;
  logPolicies(): Promise<ResourcePolicy[]>;
  /** Names of the log groups with this prefix. */
  logGroups(prefix: string): Promise<string[]>;
  buckets(): Promise<string[]>;
  bucketTags(name: string): Promise<Record<string, string>>;
  /** IAM's counts and limits, as `Roles` and `RolesQuota`. */
  iamSummary(): Promise<Record<string, number>>;
}

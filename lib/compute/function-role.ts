import {
  Effect,
  ManagedPolicy,
  PolicyDocument,
  PolicyStatement,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { allow } from '../policies/allow.ts';

/** Lambda uses the function's role to place it in a VPC. EC2 supports no narrower resource for these actions. */
const networkInterfaces = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];

/**
 * Lambda places the function; the function's code never does. Requests of the code carry the function's ARN and are
 * denied.
 */
function network(): PolicyStatement[] {
  return [
    allow('Network', networkInterfaces, ['*']),
    new PolicyStatement({
      sid: 'NetworkNotByCode',
      effect: Effect.DENY,
      actions: networkInterfaces,
      resources: ['*'],
      conditions: { Null: { 'lambda:SourceFunctionArn': 'false' } },
    }),
  ];
}

export interface RoleFacts {
  logGroup: ILogGroup;
  inNetwork: boolean;
  traced: boolean;
  statements: PolicyStatement[];
}

/**
 * The role of one function and of no other: its own log group, its place in the network, its traces, and what it was
 * given. One policy of the account's own, which can be read, versioned and simulated as a whole. Not the managed
 * policies of AWS, which allow every log group.
 */
export function functionRole(
  scope: Construct,
  { logGroup, inNetwork, traced, statements }: RoleFacts,
): { role: Role; policy: ManagedPolicy } {
  const document = new PolicyDocument({
    minimize: false,
    statements: [
      allow('Log', ['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]),
      ...(inNetwork ? network() : []),
      // X-Ray knows no resources to write to.
      ...(traced ? [allow('Trace', ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], ['*'])] : []),
      ...statements,
    ],
  });
  const policy = new ManagedPolicy(scope, 'Policy', { document });
  const role = new Role(scope, 'Role', {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    // From the role to its policy, so that whatever waits for the role waits for its rights.
    managedPolicies: [policy],
  });
  return { role, policy };
}

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

/** Only Lambda places the function: requests of its own code carry the function's ARN and are denied. */
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
 * The role of one function: its log group, network, traces and grants. One customer-managed policy, which can be read,
 * versioned and simulated as a whole; AWS's managed policies allow every log group.
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
      // X-Ray supports no resources for writes.
      ...(traced ? [allow('Trace', ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], ['*'])] : []),
      ...statements,
    ],
  });
  const policy = new ManagedPolicy(scope, 'Policy', { document });
  const role = new Role(scope, 'Role', {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    // Attached by the role, so that dependents of the role wait for its permissions.
    managedPolicies: [policy],
  });
  return { role, policy };
}

import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

/** A statement with its actions and resources spelled out. `sid` says what it is for. */
export function allow(
  sid: string,
  actions: readonly string[],
  resources: readonly string[],
): PolicyStatement {
  return new PolicyStatement({ sid, actions: [...actions], resources: [...resources] });
}

/** What Lambda does with the function's role to place it in a VPC. EC2 knows no narrower resource for it. */
const networkInterfaces = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];

/**
 * The role of one function and of no other: its own log group, its place in the network, and what it was given.
 * Not the managed policies of AWS, which allow every log group.
 */
export function functionRole(
  scope: Construct,
  logGroup: ILogGroup,
  inNetwork: boolean,
  statements: PolicyStatement[],
): Role {
  return new Role(scope, 'Role', {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    inlinePolicies: {
      function: new PolicyDocument({
        minimize: false,
        statements: [
          allow('Log', ['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]),
          ...(inNetwork ? [allow('Network', networkInterfaces, ['*'])] : []),
          ...statements,
        ],
      }),
    },
  });
}

import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { one, text } from './reading.ts';
import { synthesise } from './synthesis.ts';

const data = synthesise().data as Template;
const endpoints = Object.values(data.findResources('AWS::EC2::VPCEndpoint')).map(
  ({ Properties }) =>
    `${Properties.VpcEndpointType} ${text(Properties.ServiceName).split('.').slice(3).join('.')}`,
);

describe('the network', () => {
  it.each(['AWS::EC2::NatGateway', 'AWS::EC2::InternetGateway', 'AWS::EC2::EIP'])('has no %s', (type) => {
    data.resourceCountIs(type, 0);
  });

  it('has two isolated subnets and no route out of them', () => {
    const subnets = Object.values(data.findResources('AWS::EC2::Subnet'));
    expect(subnets.map(({ Properties }) => Properties.MapPublicIpOnLaunch)).toEqual([false, false]);
    data.resourceCountIs('AWS::EC2::Route', 0);
  });

  it('reaches S3 by a gateway, and SQS and Secrets Manager by interfaces', () => {
    expect(endpoints.sort()).toEqual(['Gateway s3', 'Interface secretsmanager', 'Interface sqs']);
  });

  it('lets only the functions to the database and to the endpoints', () => {
    const functions = one(data, 'AWS::EC2::SecurityGroup', 'Functions').id;
    const rules = Object.values(data.findResources('AWS::EC2::SecurityGroupIngress'));
    expect(
      rules.map(({ Properties }) => [Properties.FromPort, text(Properties.SourceSecurityGroupId)]),
    ).toEqual([
      [5432, `<${functions}.GroupId>`],
      [443, `<${functions}.GroupId>`],
    ]);
    for (const { Properties } of Object.values(data.findResources('AWS::EC2::SecurityGroup')))
      expect(Properties).not.toHaveProperty('SecurityGroupIngress');
  });

  it('needs no custom resource', () => {
    expect(
      Object.values(data.toJSON().Resources as Record<string, { Type: string }>).filter(({ Type }) =>
        /^Custom::|CustomResource/.test(Type),
      ),
    ).toEqual([]);
  });
});

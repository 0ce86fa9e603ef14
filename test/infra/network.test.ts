import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { one, rights, text } from './reading.ts';
import { synthesise } from './synthesis.ts';

const { data: ofData, pipeline } = synthesise();
const data = ofData as Template;
const endpointsOf = (template: Template) =>
  Object.values(template.findResources('AWS::EC2::VPCEndpoint'))
    .map(
      ({ Properties }) =>
        `${Properties.VpcEndpointType} ${text(Properties.ServiceName).split('.').slice(3).join('.')}`,
    )
    .sort();

describe('the network', () => {
  it.each(['AWS::EC2::NatGateway', 'AWS::EC2::InternetGateway', 'AWS::EC2::EIP'])(
    'the network has no %s',
    (type) => {
      data.resourceCountIs(type, 0);
    },
  );

  it('the network has two isolated subnets without a route out', () => {
    const subnets = Object.values(data.findResources('AWS::EC2::Subnet'));
    expect(subnets.map(({ Properties }) => Properties.MapPublicIpOnLaunch)).toEqual([false, false]);
    data.resourceCountIs('AWS::EC2::Route', 0);
  });

  it('the network has endpoints for S3, SQS, events and, for an owner with a password, Secrets Manager', () => {
    expect(endpointsOf(data)).toEqual(['Gateway s3', 'Interface events', 'Interface sqs']);
    const noBus = synthesise({ events: { eventBridge: false } }).data as Template;
    expect(endpointsOf(noBus)).toEqual(['Gateway s3', 'Interface sqs']);
    const password = synthesise({ database: { ownerLogin: 'password' } }).data as Template;
    expect(endpointsOf(password)).toEqual([
      ...['Gateway s3', 'Interface events', 'Interface secretsmanager', 'Interface sqs'],
    ]);
  });

  it('interface endpoints are in both zones, in dev in one to save cost', () => {
    const zones = (template: Template) =>
      Object.values(template.findResources('AWS::EC2::VPCEndpoint'))
        .filter(({ Properties }) => Properties.VpcEndpointType === 'Interface')
        .map(({ Properties }) => (Properties.SubnetIds as unknown[]).length);
    expect(zones(data)).toEqual([2, 2]);
    // Without a bus of its own, it needs none for events.
    expect(zones(synthesise({}, {}, 'dev').data as Template)).toEqual([1]);
  });

  it('the network uses the first two zones of the account, or the configured ones', () => {
    const zones = (template: Template) =>
      Object.values(template.findResources('AWS::EC2::Subnet')).map(({ Properties }) =>
        text(Properties.AvailabilityZone),
      );
    expect(zones(data)).toEqual([
      '{"Fn::Select":[0,{"Fn::GetAZs":""}]}',
      '{"Fn::Select":[1,{"Fn::GetAZs":""}]}',
    ]);
    const named = ['us-east-1b', 'us-east-1d'];
    expect(zones(synthesise({ database: { zones: named } }).data as Template)).toEqual(named);
  });

  it('only the functions reach the database and the endpoints', () => {
    const functions = one(data, 'AWS::EC2::SecurityGroup', 'Functions').id;
    const rules = Object.values(data.findResources('AWS::EC2::SecurityGroupIngress'));
    expect(
      rules.map(({ Properties }) => [Properties.FromPort, text(Properties.SourceSecurityGroupId)]),
    ).toEqual([
      [5433, `<${functions}.GroupId>`],
      [443, `<${functions}.GroupId>`],
    ]);
    for (const { Properties } of Object.values(data.findResources('AWS::EC2::SecurityGroup')))
      expect(Properties).not.toHaveProperty('SecurityGroupIngress');
  });

  it('the functions reach only the database, the endpoints and S3’s gateway, and nothing else has egress', () => {
    const group = (part: string) => `<${one(data, 'AWS::EC2::SecurityGroup', part).id}.GroupId>`;
    const rules = Object.values(data.findResources('AWS::EC2::SecurityGroupEgress')).map(({ Properties }) => [
      text(Properties.GroupId),
      Properties.FromPort,
      text(Properties.DestinationSecurityGroupId),
    ]);
    expect(rules).toEqual([
      [group('Functions'), 5433, group('Database')],
      [group('Functions'), 443, group('Endpoints')],
    ]);
    // Any address: the gateway is the only route.
    const addresses = Object.entries(data.findResources('AWS::EC2::SecurityGroup')).flatMap(
      ([id, { Properties }]) =>
        (Properties.SecurityGroupEgress as { CidrIp: string; FromPort: number; Description: string }[])
          .filter(({ Description }) => Description !== 'Disallow all traffic')
          .map(({ CidrIp, FromPort }) => [`<${id}.GroupId>`, FromPort, CidrIp]),
    );
    expect(addresses).toEqual([[group('Functions'), 443, '0.0.0.0/0']]);
  });

  it('the default security group has no member', () => {
    const named = (properties: Record<string, unknown>) =>
      [properties.VPCSecurityGroups, properties.SecurityGroupIds].flat().filter((one) => one !== undefined);
    const inside = [
      ...Object.values(data.findResources('AWS::RDS::DBInstance')),
      ...Object.values(data.findResources('AWS::EC2::VPCEndpoint')).filter(
        ({ Properties }) => Properties.VpcEndpointType === 'Interface',
      ),
      ...Object.values(pipeline.findResources('AWS::Lambda::Function'))
        .filter(({ Properties }) => Properties.VpcConfig !== undefined)
        .map(({ Properties }) => ({ Properties: Properties.VpcConfig })),
    ].map(({ Properties }) => named(Properties));
    expect(inside.length).toBeGreaterThanOrEqual(7);
    for (const groups of inside) {
      expect(groups).toHaveLength(1);
      expect(JSON.stringify(groups)).not.toContain('DefaultSecurityGroup');
    }
  });

  it('flow logs record accepted and rejected traffic in an encrypted log group with retention', () => {
    const log = one(data, 'AWS::Logs::LogGroup', 'Network');
    const key = one(data, 'AWS::KMS::Key').id;
    expect(one(data, 'AWS::EC2::FlowLog').Properties).toMatchObject({
      ResourceType: 'VPC',
      TrafficType: 'ALL',
      LogGroupName: { Ref: log.id },
    });
    expect(log.Properties).toMatchObject({ RetentionInDays: 365, KmsKeyId: { 'Fn::GetAtt': [key, 'Arn'] } });
    expect(rights(data, 'FlowLogsRole')).toEqual(
      ['CreateLogStream', 'DescribeLogStreams', 'PutLogEvents'].map(
        (action) => `logs:${action} <${log.id}.Arn>`,
      ),
    );
  });

  it('the network needs no custom resource', () => {
    expect(
      Object.values(data.toJSON().Resources as Record<string, { Type: string }>).filter(({ Type }) =>
        /^Custom::|CustomResource/.test(Type),
      ),
    ).toEqual([]);
  });
});

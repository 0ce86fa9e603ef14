import { APIGatewayClient, GetAccountCommand, GetRestApisCommand } from '@aws-sdk/client-api-gateway';
import {
  CloudFormationClient,
  DescribeStacksCommand,
  ListStackResourcesCommand,
} from '@aws-sdk/client-cloudformation';
import { DescribeAvailabilityZonesCommand, DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { GetBucketTaggingCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import {
  GetAWSDefaultServiceQuotaCommand,
  GetServiceQuotaCommand,
  ServiceQuotasClient,
} from '@aws-sdk/client-service-quotas';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it } from 'vitest';
import { bucketQueries } from '../../../lib/preflight/queries/buckets.ts';
import { cloudFormationQueries } from '../../../lib/preflight/queries/cloudformation.ts';
import { gatewayQueries } from '../../../lib/preflight/queries/gateway.ts';
import { identityQueries, namedRegion } from '../../../lib/preflight/queries/identity.ts';
import { networkQueries } from '../../../lib/preflight/queries/network.ts';
import { quotaQueries } from '../../../lib/preflight/queries/quotas.ts';
import { account, region, stack } from './account-fixtures.ts';

const options = { region };
const named = (name: string, message = name) => Object.assign(new Error(message), { name });

describe('queries to the account', () => {
  it('the identity query returns account, caller and region', async () => {
    mockClient(STSClient)
      .on(GetCallerIdentityCommand)
      .resolves({ Account: account, Arn: 'arn:someone', UserId: 'U' });
    expect(await identityQueries({ region, regionNamed: true }).identity()).toEqual({
      account,
      region,
      regionNamed: true,
      arn: 'arn:someone',
    });
  });

  it('the region is found in the same order as the CDK does', async () => {
    expect(await namedRegion({ AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'eu-west-2' })).toBe('eu-west-1');
    expect(await namedRegion({ AWS_REGION: '', AWS_DEFAULT_REGION: 'eu-west-2' })).toBe('eu-west-2');
  });

  it('a missing stack is no error, and a denied query does not count as a missing stack', async () => {
    const mock = mockClient(CloudFormationClient);
    mock.on(DescribeStacksCommand, { StackName: 'there' }).resolves({ Stacks: [stack('there')] });
    mock
      .on(DescribeStacksCommand, { StackName: 'gone' })
      .rejects(named('ValidationError', 'Stack with id gone does not exist'));
    mock.on(DescribeStacksCommand, { StackName: 'secret' }).rejects(named('AccessDenied'));
    const { stack: query } = cloudFormationQueries(options);
    expect(await query('there')).toMatchObject({ StackName: 'there' });
    expect(await query('gone')).toBeUndefined();
    await expect(query('secret')).rejects.toThrow('AccessDenied');
  });

  it('the resources of a stack are paged, without deleted ones', async () => {
    const one = (PhysicalResourceId: string, ResourceStatus: 'CREATE_COMPLETE' | 'DELETE_COMPLETE') => ({
      LogicalResourceId: 'one',
      ResourceType: 'AWS::Lambda::Function',
      LastUpdatedTimestamp: new Date(0),
      PhysicalResourceId,
      ResourceStatus,
    });
    mockClient(CloudFormationClient)
      .on(ListStackResourcesCommand)
      .resolvesOnce({ StackResourceSummaries: [one('a', 'CREATE_COMPLETE')], NextToken: 'more' })
      .resolvesOnce({ StackResourceSummaries: [one('b', 'CREATE_COMPLETE'), one('c', 'DELETE_COMPLETE')] });
    expect(await cloudFormationQueries(options).stackResources('there')).toEqual([
      { type: 'AWS::Lambda::Function', id: 'a' },
      { type: 'AWS::Lambda::Function', id: 'b' },
    ]);
  });

  it('a quota that was never changed has its default', async () => {
    const mock = mockClient(ServiceQuotasClient);
    mock
      .on(GetServiceQuotaCommand, { QuotaCode: 'L-1' })
      .resolves({ Quota: { QuotaName: 'VPCs', Value: 7, Adjustable: true } });
    mock.on(GetServiceQuotaCommand, { QuotaCode: 'L-2' }).rejects(named('NoSuchResourceException'));
    mock.on(GetServiceQuotaCommand, { QuotaCode: 'L-3' }).rejects(named('AccessDeniedException'));
    mock.on(GetAWSDefaultServiceQuotaCommand).resolves({ Quota: { QuotaName: 'APIs', Value: 600 } });
    const { quota } = quotaQueries(options);
    expect(await quota('vpc', 'L-1')).toEqual({ name: 'VPCs', value: 7, adjustable: true });
    expect(await quota('apigateway', 'L-2')).toEqual({ name: 'APIs', value: 600 });
    await expect(quota('vpc', 'L-3')).rejects.toThrow('AccessDeniedException');
  });

  it('availability zones are sorted by name, without local zones', async () => {
    const mock = mockClient(EC2Client);
    mock.on(DescribeAvailabilityZonesCommand).resolves({
      AvailabilityZones: [
        { ZoneName: 'eu-central-1b', ZoneType: 'availability-zone' },
        { ZoneName: 'eu-central-1-ham-1a', ZoneType: 'local-zone' },
        { ZoneName: 'eu-central-1a', ZoneType: 'availability-zone' },
      ],
    });
    mock.on(DescribeSubnetsCommand).resolves({ Subnets: [{ AvailabilityZone: 'eu-central-1b' }] });
    expect(await networkQueries(options).zones()).toEqual({
      all: ['eu-central-1a', 'eu-central-1b'],
      ofDefaultVpc: ['eu-central-1b'],
    });
  });

  it('an empty role of the gateway means none, and only regional APIs count', async () => {
    const mock = mockClient(APIGatewayClient);
    mock
      .on(GetAccountCommand)
      .resolvesOnce({ cloudwatchRoleArn: '' })
      .resolvesOnce({ cloudwatchRoleArn: 'arn' });
    mock.on(GetRestApisCommand).resolves({
      items: [
        { endpointConfiguration: { types: ['REGIONAL'] } },
        { endpointConfiguration: { types: ['EDGE'] } },
      ],
    });
    const gateway = gatewayQueries(options);
    expect(await gateway.gatewayLogRole()).toBeUndefined();
    expect(await gateway.gatewayLogRole()).toBe('arn');
    expect(await gateway.restApis()).toBe(1);
  });

  it('a bucket without tags has an empty set', async () => {
    const mock = mockClient(S3Client);
    mock.on(ListBucketsCommand).resolves({ Buckets: [{ Name: 'one' }, { Name: 'two' }] });
    mock
      .on(GetBucketTaggingCommand, { Bucket: 'one' })
      .resolves({ TagSet: [{ Key: 'stage', Value: 'prod' }] });
    mock.on(GetBucketTaggingCommand, { Bucket: 'two' }).rejects(named('NoSuchTagSet'));
    const { buckets, bucketTags } = bucketQueries(options);
    expect(await buckets()).toEqual(['one', 'two']);
    expect(await bucketTags('one')).toEqual({ stage: 'prod' });
    expect(await bucketTags('two')).toEqual({});
  });
});

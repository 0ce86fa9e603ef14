import { describe, expect, it } from 'vitest';
import { one, text } from './reading.ts';
import { synthesise } from './synthesis.ts';

const { pipeline } = synthesise();
const bucket = one(pipeline, 'AWS::S3::Bucket', 'ImagesBucket');
const key = { 'Fn::GetAtt': [one(pipeline, 'AWS::KMS::Key', 'KeysImages').id, 'Arn'] };
const enqueue = { Ref: one(pipeline, 'AWS::Lambda::Alias', 'enqueue').id };
const rulesOf = (properties: Record<string, unknown>) =>
  (properties.LifecycleConfiguration as { Rules: unknown[] }).Rules;

describe('the bucket', () => {
  it('the bucket encrypts with its own key, with one call for many objects', () => {
    expect(bucket.Properties.BucketEncryption).toEqual({
      ServerSideEncryptionConfiguration: [
        {
          BucketKeyEnabled: true,
          ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key },
        },
      ],
    });
  });

  it('the bucket blocks all four kinds of public access', () => {
    expect(bucket.Properties.PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
  });

  it('the bucket has no access control lists', () => {
    expect(bucket.Properties.OwnershipControls).toEqual({
      Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }],
    });
  });

  it('the bucket outlives its stack', () => {
    expect(bucket).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
  });

  it('the bucket’s name has at most 63 characters in every region', () => {
    const name = text(bucket.Properties.BucketName);
    // The endpoint allows names with this suffix.
    expect(name).toMatch(/-<guid>-<AWS::AccountId>-<AWS::Region>$/);
    const there = {
      '<guid>': '1a2b3c4d',
      '<AWS::AccountId>': '000000000000',
      '<AWS::Region>': 'ap-southeast-1',
    };
    expect(Object.entries(there).reduce((text, [from, to]) => text.replace(from, to), name)).toMatch(
      /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
    );
  });
});

describe('the lifecycle of the bucket', () => {
  it('the lifecycle aborts multipart uploads after a day, removes exports and keeps everything else', () => {
    expect(rulesOf(bucket.Properties)).toEqual([
      {
        Id: 'abandoned-uploads',
        Status: 'Enabled',
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
        ExpiredObjectDeleteMarker: true,
      },
      // A day after the sweep has removed them, should it miss one.
      {
        Id: 'exports',
        Status: 'Enabled',
        Prefix: 'exports/',
        ExpirationInDays: 8,
        NoncurrentVersionExpiration: { NoncurrentDays: 1 },
      },
    ]);
  });

  it('the lifecycle removes originals and variants after the configured days', () => {
    const { pipeline } = synthesise({ retention: { originalsDays: 30, variantsDays: 365 } });
    expect(rulesOf(one(pipeline, 'AWS::S3::Bucket', 'ImagesBucket').Properties)).toEqual(
      expect.arrayContaining([
        {
          Id: 'originals',
          Status: 'Enabled',
          Prefix: 'incoming/',
          ExpirationInDays: 30,
          NoncurrentVersionExpiration: { NoncurrentDays: 30 },
        },
        {
          Id: 'variants',
          Status: 'Enabled',
          Prefix: 'derived/',
          ExpirationInDays: 365,
          NoncurrentVersionExpiration: { NoncurrentDays: 1 },
        },
      ]),
    );
  });
});

it('the bucket keeps each upload with a ticket as a version', () => {
  expect(bucket.Properties.VersioningConfiguration).toEqual({ Status: 'Enabled' });
});

describe('CORS', () => {
  it('CORS allows pages to send a presigned POST and to read variants', () => {
    expect(bucket.Properties.CorsConfiguration).toEqual({
      CorsRules: [
        {
          AllowedMethods: ['POST', 'GET', 'HEAD'],
          AllowedOrigins: ['*'],
          AllowedHeaders: ['*'],
          ExposedHeaders: ['ETag', 'Location'],
          MaxAge: 3600,
        },
      ],
    });
  });

  it('CORS allows the configured origins', () => {
    const { pipeline } = synthesise({ deploy: { origins: ['https://pictures.example'] } });
    expect(one(pipeline, 'AWS::S3::Bucket', 'ImagesBucket').Properties.CorsConfiguration).toMatchObject({
      CorsRules: [{ AllowedOrigins: ['https://pictures.example'] }],
    });
  });
});

describe('the notification of uploads', () => {
  it('the bucket notifies enqueue of uploads under incoming/, but not of puts by the API', () => {
    const of = (event: string) => ({
      Event: event,
      Filter: { S3Key: { Rules: [{ Name: 'prefix', Value: 'incoming/' }] } },
      Function: enqueue,
    });
    expect(bucket.Properties.NotificationConfiguration).toEqual({
      LambdaConfigurations: [of('s3:ObjectCreated:Post'), of('s3:ObjectCreated:CompleteMultipartUpload')],
    });
  });

  it('only this bucket of this account may invoke enqueue, before the bucket exists', () => {
    const permission = one(pipeline, 'AWS::Lambda::Permission', 'AllowBucketNotifications');
    expect(permission.Properties).toMatchObject({
      Action: 'lambda:InvokeFunction',
      Principal: 's3.amazonaws.com',
      FunctionName: enqueue,
      SourceAccount: { Ref: 'AWS::AccountId' },
    });
    expect(text(permission.Properties.SourceArn)).toBe(
      `arn:<AWS::Partition>:s3:::${text(bucket.Properties.BucketName)}`,
    );
    expect(bucket.DependsOn).toContain(permission.id);
  });

  it('the notification needs no custom resource', () => {
    expect(Object.keys(pipeline.findResources('Custom::S3BucketNotifications'))).toEqual([]);
  });
});

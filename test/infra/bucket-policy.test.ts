import { describe, expect, it } from 'vitest';
import { one, type Statement, text } from './reading.ts';
import { synthesise } from './synthesis.ts';

const { pipeline } = synthesise();
const keyArn = `<${one(pipeline, 'AWS::KMS::Key', 'KeysImages').id}.Arn>`;
const policy = (template = pipeline, part = 'ImagesBucket') =>
  (one(template, 'AWS::S3::BucketPolicy', part).Properties as { PolicyDocument: { Statement: Statement[] } })
    .PolicyDocument.Statement;

type Request = Record<string, string | number>;
const asked: Request = { 'aws:SecureTransport': 'true', 's3:TlsVersion': 1.3, 's3:signatureAge': 1000 };

/** Sids (or conditions) of the statements that deny a request with these keys, as IAM evaluates conditions. */
function refusing(action: string, keys: Request, statements = policy()): string[] {
  const operators: Record<string, (given: string | number | undefined, wanted: string) => boolean> = {
    Bool: (given, wanted) => String(given) === wanted,
    Null: (given, wanted) => (given === undefined) === (wanted === 'true'),
    NumericLessThan: (given, wanted) => given !== undefined && Number(given) < Number(wanted),
    NumericGreaterThan: (given, wanted) => given !== undefined && Number(given) > Number(wanted),
    // Negated operators hold for an absent key.
    StringNotEquals: (given, wanted) => given !== wanted,
  };
  const holds = (Condition: Statement['Condition'] = {}) =>
    Object.entries(Condition).every(([operator, wanted]) =>
      Object.entries(wanted).every(
        ([name, value]) => operators[operator]?.(keys[name], text(value)) ?? false,
      ),
    );
  return statements
    .filter(({ Effect, Action, Condition }) => {
      const meant = [Action].flat().some((one) => one === action || one === 's3:*');
      return Effect === 'Deny' && meant && holds(Condition);
    })
    .map(({ Sid, Condition }) => Sid ?? Object.keys(Object.values(Condition ?? {})[0] ?? {}).join());
}

describe('the bucket policy', () => {
  it('the bucket policy denies no request of the pipeline or its clients', () => {
    for (const action of ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:ListBucket'])
      expect(refusing(action, asked)).toEqual([]);
  });

  it.each([
    ['without TLS', { 'aws:SecureTransport': 'false' }, 'aws:SecureTransport'],
    ['with TLS 1.1', { 's3:TlsVersion': 1.1 }, 's3:TlsVersion'],
  ])('the bucket policy denies requests %s', (_, how, why) => {
    expect(refusing('s3:GetObject', { ...asked, ...how })).toEqual([why]);
  });

  it('the bucket policy denies signatures older than the longest download, an hour and a quarter', () => {
    const aged = (seconds: number) => ({ ...asked, 's3:signatureAge': seconds * 1000 });
    for (const action of ['s3:GetObject', 's3:PutObject', 's3:DeleteObject']) {
      expect(refusing(action, aged(3600 + 900))).toEqual([]);
      expect(refusing(action, aged(3600 + 901))).toEqual(['OldSignature']);
    }
  });

  it('the bucket policy allows signatures as old as a longer ticket', () => {
    const { pipeline } = synthesise({ uploads: { ticketSeconds: 7200, downloadSeconds: 900 } });
    const at = (seconds: number) =>
      refusing('s3:PutObject', { ...asked, 's3:signatureAge': seconds * 1000 }, policy(pipeline));
    expect(at(7200)).toEqual([]);
    expect(at(7201)).toEqual(['OldSignature']);
  });

  const sse = 's3:x-amz-server-side-encryption';
  it.each([
    ['AES256', { [sse]: 'AES256' }],
    ['the account’s own key for S3', { [sse]: 'aws:kms' }],
    ['another key', { [sse]: 'aws:kms', [`${sse}-aws-kms-key-id`]: 'arn:aws:kms:eu-west-1:1:key/other' }],
  ])('the bucket policy denies a put with %s', (_, how) => {
    expect(refusing('s3:PutObject', { ...asked, ...how })).toEqual(['OtherEncryption']);
  });

  it('the bucket policy allows a put with the bucket’s key', () => {
    const how = { [sse]: 'aws:kms', [`${sse}-aws-kms-key-id`]: keyArn };
    expect(refusing('s3:PutObject', { ...asked, ...how })).toEqual([]);
  });

  it('the bucket policy denies a put with a key of the client', () => {
    const how = { [`${sse}-customer-algorithm`]: 'AES256' };
    expect(refusing('s3:PutObject', { ...asked, ...how })).toEqual(['KeyOfTheClient']);
  });

  it('the denials of the bucket policy apply to every principal', () => {
    const principals = policy().map((statement) => Reflect.get(statement, 'Principal'));
    expect(principals).toEqual(principals.map(() => ({ AWS: '*' })));
  });
});

describe('a bucket that is deleted with its stack', () => {
  const dev = synthesise({}, {}, 'dev').pipeline;

  it('a bucket that is deleted with its stack is emptied by a role without wildcards', () => {
    expect(one(dev, 'AWS::S3::Bucket')).toMatchObject({ DeletionPolicy: 'Delete' });
    dev.resourceCountIs('Custom::S3AutoDeleteObjects', 1);
    const [allowed] = policy(dev).filter(({ Effect }) => Effect === 'Allow');
    expect([allowed?.Action].flat()).toEqual([
      's3:GetBucketTagging',
      's3:GetBucketPolicy',
      's3:PutBucketPolicy',
      's3:ListBucketVersions',
      's3:DeleteObject',
      's3:DeleteObjectVersion',
    ]);
  });

  it('without custom resources the bucket is not emptied', () => {
    const { pipeline } = synthesise({ deploy: { migration: 'invoke' } }, {}, 'dev');
    expect(one(pipeline, 'AWS::S3::Bucket')).toMatchObject({ DeletionPolicy: 'Delete' });
    pipeline.resourceCountIs('Custom::S3AutoDeleteObjects', 0);
  });
});

describe('S3 access logs', () => {
  const bucket = one(pipeline, 'AWS::S3::Bucket', 'ImagesBucket').Properties;
  const logs = one(pipeline, 'AWS::S3::Bucket', 'AccessLogs');

  it('S3 may write access logs for the image bucket only', () => {
    expect(bucket.LoggingConfiguration).toEqual({ DestinationBucketName: { Ref: logs.id } });
    const [deliver] = policy(pipeline, 'AccessLogs').filter(({ Effect }) => Effect === 'Allow');
    expect(deliver).toMatchObject({
      Action: 's3:PutObject',
      Principal: { Service: 'logging.s3.amazonaws.com' },
      Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
    });
    const source = text(deliver?.Condition?.ArnEquals?.['aws:SourceArn']);
    expect(source).toBe(`arn:<AWS::Partition>:s3:::${text(bucket.BucketName)}`);
  });

  it('S3 may write access logs before logging is turned on', () => {
    const { id } = one(pipeline, 'AWS::S3::BucketPolicy', 'AccessLogs');
    expect(one(pipeline, 'AWS::S3::Bucket', 'ImagesBucket').DependsOn).toContain(id);
  });

  it('access logs are kept as long as other logs, in all versions, and outlive the stack', () => {
    expect(logs).toMatchObject({
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: {
        VersioningConfiguration: { Status: 'Enabled' },
        LifecycleConfiguration: {
          Rules: [
            {
              Status: 'Enabled',
              ExpirationInDays: 365,
              NoncurrentVersionExpiration: { NoncurrentDays: 365 },
            },
          ],
        },
      },
    });
  });
});

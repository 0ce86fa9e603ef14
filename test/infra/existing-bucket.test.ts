import { type App, Duration, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Bucket, BucketEncryption, type CfnBucket, EventType, type IBucket } from 'aws-cdk-lib/aws-s3';
import { SqsDestination } from 'aws-cdk-lib/aws-s3-notifications';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { describe, expect, it } from 'vitest';
import { elsewhere, ownStack, pipelineIn } from './own-app.ts';
import { one, rights, type Statement, text } from './reading.ts';

const arn = 'arn:aws:s3:::pictures-of-the-shop';
const anotherStack = (stack: Stack, id: string) => new Stack(stack.node.root as App, id);
const versioned = (stack: Stack, encryption = BucketEncryption.KMS) =>
  new Bucket(stack, 'Pictures', { versioned: true, encryption });

interface Notifications {
  Managed: boolean;
  NotificationConfiguration: Record<string, { Events: string[]; Filter: unknown }[]>;
}
const notificationsIn = (stack: Stack) =>
  one(Template.fromStack(stack), 'Custom::S3BucketNotifications').Properties as unknown as Notifications;

describe('a bucket of the app', () => {
  const stack = ownStack();
  const bucket = versioned(stack);
  bucket.addEventNotification(EventType.OBJECT_REMOVED, new SqsDestination(new Queue(stack, 'Gone')));
  const pipeline = pipelineIn(
    stack,
    { ...elsewhere, retention: { originalsDays: 30 } },
    { bucket: bucket as IBucket },
  );
  const template = Template.fromStack(stack);

  it('a bucket of the app replaces ours and its key', () => {
    expect(pipeline.bucket.bucket).toBe(bucket);
    template.resourceCountIs('AWS::S3::Bucket', 1);
    expect(Object.keys(template.findResources('AWS::KMS::Key'))).toEqual([
      expect.stringContaining('PicturesKey'),
      expect.stringContaining('KeysMessages'),
    ]);
  });

  it('a bucket of the app notifies enqueue in addition to its existing destinations', () => {
    const { NotificationConfiguration } = notificationsIn(stack);
    expect(NotificationConfiguration.QueueConfigurations).toHaveLength(1);
    expect(NotificationConfiguration.LambdaFunctionConfigurations?.map(({ Events }) => Events)).toEqual([
      ['s3:ObjectCreated:Post'],
      ['s3:ObjectCreated:CompleteMultipartUpload'],
    ]);
  });

  it('a bucket of the app gets CORS, lifecycle and denials for our three prefixes only', () => {
    const { Properties } = one(template, 'AWS::S3::Bucket');
    expect(Properties.CorsConfiguration).toMatchObject({
      CorsRules: [{ AllowedMethods: ['POST', 'GET', 'HEAD'] }],
    });
    const { Rules } = Properties.LifecycleConfiguration as {
      Rules: { Prefix?: string; AbortIncompleteMultipartUpload?: unknown }[];
    };
    expect(Rules.map(({ Prefix }) => Prefix)).toEqual(['incoming/', 'exports/', 'incoming/', 'exports/']);
    // Also of exports: what the sweep misses is neither readable nor listed with the objects.
    expect(
      Rules.flatMap(({ Prefix, AbortIncompleteMultipartUpload: abort }) => (abort ? [[Prefix, abort]] : [])),
    ).toEqual([
      ['incoming/', { DaysAfterInitiation: 1 }],
      ['exports/', { DaysAfterInitiation: 1 }],
    ]);
    const { Statement } = (
      one(template, 'AWS::S3::BucketPolicy').Properties as { PolicyDocument: { Statement: Statement[] } }
    ).PolicyDocument;
    expect(Statement.map(({ Sid }) => Sid)).toEqual(['OldSignature', 'OtherEncryption', 'KeyOfTheClient']);
    for (const { Resource } of Statement)
      expect([Resource].flat().map(text)).toEqual([
        expect.stringMatching(/\/derived\/\*$/),
        expect.stringMatching(/\/exports\/\*$/),
        expect.stringMatching(/\/incoming\/\*$/),
      ]);
  });

  it('the functions may use the key of a bucket of the app', () => {
    const key = one(template, 'AWS::KMS::Key', 'PicturesKey').id;
    expect(rights(template, 'FunctionsprocessRole')).toContain(`kms:GenerateDataKey <${key}.Arn>`);
  });

  it('a bucket of the app may have lifecycle rules with the names of ours, because S3 rejects duplicate ids', () => {
    const stack = ownStack();
    const bucket = versioned(stack);
    for (const id of ['abandoned-uploads', 'abandoned-exports', 'originals'])
      bucket.addLifecycleRule({ id, prefix: 'archive/', expiration: Duration.days(9) });
    pipelineIn(stack, { ...elsewhere, retention: { originalsDays: 30 } }, { bucket: bucket as IBucket });
    const { Rules } = one(Template.fromStack(stack), 'AWS::S3::Bucket').Properties.LifecycleConfiguration as {
      Rules: { Id: string }[];
    };
    expect(new Set(Rules.map(({ Id }) => Id)).size).toBe(7);
  });

  it('a bucket of the app without KMS keeps S3-managed encryption', () => {
    const stack = ownStack();
    pipelineIn(stack, elsewhere, { bucket: versioned(stack, BucketEncryption.S3_MANAGED) as IBucket });
    const policy = JSON.stringify(Template.fromStack(stack).findResources('AWS::S3::BucketPolicy'));
    expect(policy).not.toContain('OtherEncryption');
    expect(policy).toContain('KeyOfTheClient');
  });

  it.each<[string, (stack: Stack, bucket: Bucket) => void, string]>([
    [
      'is not versioned',
      (_, bucket) => {
        (bucket.node.defaultChild as CfnBucket).versioningConfiguration = { status: 'Suspended' };
      },
      'Shop/Pictures must be versioned',
    ],
    [
      'has notifications in its notificationConfiguration property',
      (_, bucket) => {
        (bucket.node.defaultChild as CfnBucket).notificationConfiguration = {};
      },
      'Shop/Pictures has notifications in its notificationConfiguration property',
    ],
    [
      'notifies another destination of every upload',
      (stack, bucket) => {
        bucket.addEventNotification(EventType.OBJECT_CREATED, new SqsDestination(new Queue(stack, 'New')));
      },
      's3:ObjectCreated:* of all keys overlaps with the existing s3:ObjectCreated:Post of keys that begin with "incoming/"',
    ],
  ])('a bucket of the app %s fails synth', (_, change, expected) => {
    const stack = ownStack();
    const bucket = versioned(stack);
    pipelineIn(stack, elsewhere, { bucket: bucket as IBucket });
    change(stack, bucket);
    expect(() => Template.fromStack(stack)).toThrow(expected);
  });
});

it('a bucket with two pipelines fails synth', () => {
  const stack = ownStack();
  const bucket = versioned(stack) as IBucket;
  for (const id of ['Portraits', 'Landscapes']) pipelineIn(stack, elsewhere, { bucket }, id);
  expect(() => Template.fromStack(stack)).toThrow(
    'Shop/Pictures is the bucket of Shop/Portraits/Images and Shop/Landscapes/Images: each pipeline needs its own bucket.',
  );
});

describe('a bucket of another stack', () => {
  it('a bucket of another stack notifies enqueue from the pipeline’s stack, without a dependency cycle', () => {
    const stack = ownStack();
    pipelineIn(stack, elsewhere, { bucket: versioned(anotherStack(stack, 'Storage')) as IBucket });
    expect(notificationsIn(stack)).toMatchObject({ Managed: false });
  });

  it('a bucket of another stack whose notifications would overwrite ours fails synth', () => {
    const stack = ownStack();
    const storage = anotherStack(stack, 'Storage');
    const bucket = versioned(storage);
    bucket.addEventNotification(EventType.OBJECT_REMOVED, new SqsDestination(new Queue(storage, 'Gone')));
    pipelineIn(stack, elsewhere, { bucket: bucket as IBucket });
    expect(() => Template.fromStack(stack)).toThrow(
      /Storage\/Pictures has notifications whose changes would overwrite the pipeline's/,
    );
  });
});

it.each(['a bucket of another stack', 'an imported bucket'])(
  '%s that notifies another destination of every upload fails synth',
  (which) => {
    const stack = ownStack();
    const owner = which === 'an imported bucket' ? stack : anotherStack(stack, 'Storage');
    owner.node.setContext('@aws-cdk/aws-s3:keepNotificationInImportedBucket', true);
    const bucket =
      owner === stack ? Bucket.fromBucketArn(stack, 'Pictures', arn) : (versioned(owner) as IBucket);
    bucket.addEventNotification(EventType.OBJECT_CREATED, new SqsDestination(new Queue(owner, 'New')));
    bucket.addEventNotification(EventType.OBJECT_REMOVED, new SqsDestination(new Queue(owner, 'Gone')));
    pipelineIn(stack, elsewhere, { bucket });
    expect(() => Template.fromStack(stack)).toThrow('overlaps with the existing s3:ObjectCreated:');
  },
);

describe('an imported bucket', () => {
  const stack = ownStack();
  const bucket = Bucket.fromBucketArn(stack, 'Pictures', arn);
  // With a network of our own, whose endpoint must allow its objects.
  pipelineIn(stack, {}, { bucket });
  const template = Template.fromStack(stack);

  it('an imported bucket keeps its notifications, and synth reports its requirements', () => {
    expect(notificationsIn(stack)).toMatchObject({ Managed: false });
    Annotations.fromStack(stack).hasInfo('/Shop/Images/Images', Match.stringLikeRegexp('must be versioned'));
    Annotations.fromStack(stack).hasInfo(
      '/Shop/Images/Images',
      Match.stringLikeRegexp('aborts incomplete multipart uploads under incoming/ and exports/'),
    );
  });

  it('the S3 endpoint of our own network allows an imported bucket only', () => {
    const { PolicyDocument } = one(template, 'AWS::EC2::VPCEndpoint', 'S3').Properties as {
      PolicyDocument: { Statement: Statement[] };
    };
    expect(PolicyDocument.Statement.flatMap(({ Resource }) => Resource).map(text)).toEqual([
      `${arn}/derived/*`,
      `${arn}/exports/*`,
      `${arn}/incoming/*`,
      arn,
    ]);
  });

  it('an imported bucket rejects lifecycle settings', () => {
    const stack = ownStack();
    expect(() =>
      pipelineIn(
        stack,
        { ...elsewhere, retention: { originalsDays: 30 } },
        { bucket: Bucket.fromBucketArn(stack, 'Pictures', arn) },
      ),
    ).toThrow('bucket and retention.originals: the lifecycle of an imported bucket cannot be changed');
  });
});

import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Code, type IFunction, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { type CfnBucket, EventType, type IBucketNotificationDestination } from 'aws-cdk-lib/aws-s3';
import { LambdaDestination, SnsDestination, SqsDestination } from 'aws-cdk-lib/aws-s3-notifications';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { describe, expect, it } from 'vitest';
import { ownStack, pipelineIn } from './own-app.ts';
import { one, text } from './reading.ts';

const { OBJECT_CREATED, OBJECT_REMOVED, OBJECT_CREATED_POST } = EventType;
const derived = { prefix: 'derived/' };
const ours = ['s3:ObjectCreated:Post incoming/', 's3:ObjectCreated:CompleteMultipartUpload incoming/'];

interface Configuration {
  Event: string;
  Filter?: { S3Key: { Rules: { Name: string; Value: string }[] } };
}

/** The bucket's notifications as `event prefix suffix`. @throws for a dependency cycle, by the CDK's own check. */
function notificationsOf(stack: Stack) {
  const template = Template.fromStack(stack);
  template.resourceCountIs('Custom::S3BucketNotifications', 0);
  const { NotificationConfiguration } = one(template, 'AWS::S3::Bucket', 'ImagesBucket').Properties;
  const lists = NotificationConfiguration as Record<string, Configuration[]>;
  const said = (kind: string) =>
    (lists[`${kind}Configurations`] ?? []).map(({ Event, Filter }) =>
      [Event, ...(Filter?.S3Key.Rules ?? []).map(({ Value }) => Value)].join(' '),
    );
  return { template, lambda: said('Lambda'), queue: said('Queue'), topic: said('Topic'), all: lists };
}

function reader(stack: Stack): LambdaFunction {
  const code = Code.fromInline('exports.handler = () => {};');
  return new LambdaFunction(stack, 'Reader', {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code,
  });
}

function shop() {
  const stack = ownStack();
  return { stack, bucket: pipelineIn(stack).bucket.bucket };
}

describe('a notification that the app adds to the bucket', () => {
  const destinations: Record<string, (stack: Stack) => IBucketNotificationDestination> = {
    lambda: (stack) => new LambdaDestination(reader(stack) as IFunction),
    queue: (stack) => {
      const encryptionMasterKey = new Key(stack, 'QueueKey');
      return new SqsDestination(new Queue(stack, 'Ready', { encryptionMasterKey }));
    },
    topic: (stack) => new SnsDestination(new Topic(stack, 'Ready')),
  };

  it.each(Object.keys(destinations) as ('lambda' | 'queue' | 'topic')[])(
    'a notification to a %s keeps ours, and the bucket waits for its permission',
    (kind) => {
      const { stack, bucket } = shop();
      bucket.addEventNotification(OBJECT_CREATED, destinations[kind]?.(stack) as never, derived, {
        suffix: '.webp',
      });
      const found = notificationsOf(stack);
      expect(found[kind]).toEqual([...(kind === 'lambda' ? ours : []), 's3:ObjectCreated:* derived/ .webp']);
      expect(found.lambda).toEqual(expect.arrayContaining(ours));
      const types = { lambda: 'Lambda::Permission', queue: 'SQS::QueuePolicy', topic: 'SNS::TopicPolicy' };
      const part = kind === 'lambda' ? 'AllowBucketNotificationsToShopReader' : 'ReadyPolicy';
      const permission = one(found.template, `AWS::${types[kind]}`, part);
      expect(one(found.template, 'AWS::S3::Bucket', 'ImagesBucket').DependsOn).toContain(permission.id);
    },
  );

  it('a notification to a function that reads the bucket causes no cycle, in any order of grants', () => {
    for (const when of ['before', 'after']) {
      const { stack, bucket } = shop();
      const lambda = reader(stack);
      const give = () => {
        bucket.grantRead(lambda, 'derived/*');
        lambda.addEnvironment('BUCKET', bucket.bucketName);
      };
      if (when === 'before') give();
      bucket.addEventNotification(OBJECT_CREATED, new LambdaDestination(lambda as IFunction), derived);
      if (when === 'after') give();
      const { template } = notificationsOf(stack);
      const { Variables } = one(template, 'AWS::Lambda::Function', 'Reader').Properties.Environment as {
        Variables: { BUCKET: unknown };
      };
      const name = one(template, 'AWS::S3::Bucket', 'ImagesBucket').Properties.BucketName;
      expect(text(Variables.BUCKET)).toBe(text(name));
    }
  });

  it('a notification to a queue that also receives ready events causes no cycle', () => {
    const stack = ownStack();
    const pipeline = pipelineIn(stack);
    const queue = new Queue(stack, 'Ready');
    pipeline.bucket.bucket.addEventNotification(OBJECT_CREATED, new SqsDestination(queue), derived);
    pipeline.onReady('Rule', { target: new SqsQueue(queue) });
    expect(notificationsOf(stack).queue).toEqual(['s3:ObjectCreated:* derived/']);
  });

  it('adding a notification twice has no effect', () => {
    const { stack, bucket } = shop();
    const destination = new LambdaDestination(reader(stack) as IFunction);
    bucket.addEventNotification(OBJECT_CREATED, destination, derived);
    bucket.addEventNotification(OBJECT_CREATED, destination, derived);
    expect(notificationsOf(stack).lambda).toEqual([...ours, 's3:ObjectCreated:* derived/']);
  });

  it.each([
    [OBJECT_CREATED, []],
    [OBJECT_CREATED, [{ suffix: '.jpg' }]],
    [OBJECT_CREATED_POST, [{ prefix: 'in' }]],
    [OBJECT_CREATED_POST, [{ prefix: 'incoming/acme/' }]],
  ])('a notification that overlaps with ours is rejected, as by S3: %s %j', (event, filters) => {
    const { stack, bucket } = shop();
    const destination = new SqsDestination(new Queue(stack, 'Ready'));
    expect(() => bucket.addEventNotification(event, destination, ...filters)).toThrow(
      `overlaps with the existing ${OBJECT_CREATED_POST} of keys that begin with "incoming/"`,
    );
  });

  it.each([
    [OBJECT_REMOVED, []],
    [OBJECT_CREATED, [{ prefix: 'incomingx/' }]],
    [EventType.OBJECT_CREATED_PUT, [{ prefix: 'incoming/' }]],
  ])('a notification without an overlap is accepted: %s %j', (event, filters) => {
    const { stack, bucket } = shop();
    bucket.addEventNotification(event, new SqsDestination(new Queue(stack, 'Ready')), ...filters);
    expect(notificationsOf(stack).queue).toHaveLength(1);
  });

  it.each([
    [[{ prefix: 'derived/' }, { suffix: '.jpeg' }], true],
    [[{ prefix: 'derived/acme/' }, { suffix: 'p' }], false],
    [[{ prefix: 'derived/acme/' }], false],
    [[{ prefix: 'other/' }, { suffix: '.webp' }], true],
  ])('next to one of derived/ and .webp, filters are accepted or not as by S3: %j %s', (filters, taken) => {
    const { stack, bucket } = shop();
    const destination = new SqsDestination(new Queue(stack, 'Ready'));
    bucket.addEventNotification(OBJECT_CREATED, destination, derived, { suffix: '.webp' });
    const add = () => bucket.addEventNotification(EventType.OBJECT_CREATED_PUT, destination, ...filters);
    if (taken) expect(add).not.toThrow();
    else expect(add).toThrow('keys that begin with "derived/" and end with ".webp"');
  });

  it('a notification with a second prefix or an empty filter is rejected', () => {
    const { stack, bucket } = shop();
    const destination = new SqsDestination(new Queue(stack, 'Ready'));
    const add = (...filters: { prefix?: string }[]) =>
      bucket.addEventNotification(OBJECT_REMOVED, destination, ...filters);
    expect(() => add({ prefix: 'a' }, { prefix: 'b' })).toThrow('one prefix, not a and b');
    expect(() => add({})).toThrow('needs a prefix or a suffix');
  });

  it('a notification to EventBridge keeps ours', () => {
    const { stack, bucket } = shop();
    bucket.enableEventBridgeNotification();
    const { lambda, all } = notificationsOf(stack);
    expect(lambda).toEqual(ours);
    expect(all.EventBridgeConfiguration).toEqual({ EventBridgeEnabled: true });
  });
});

describe('the L1 property of the bucket', () => {
  it.each<[string, (bucket: CfnBucket) => void]>([
    [
      'set',
      (bucket) => {
        bucket.notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
      },
    ],
    [
      'overridden',
      (bucket) => bucket.addPropertyOverride('NotificationConfiguration.LambdaConfigurations', []),
    ],
    ['deleted', (bucket) => bucket.addPropertyDeletionOverride('NotificationConfiguration')],
  ])(
    'the notification property %s by the app fails synth, because uploads would not be noticed',
    (_, change) => {
      const { stack, bucket } = shop();
      change(bucket.node.defaultChild as CfnBucket);
      expect(() => Template.fromStack(stack)).toThrow(
        's3:ObjectCreated:Post of "incoming/" is missing from NotificationConfiguration',
      );
    },
  );
});

it('another stack refers to the bucket, whose name consists of parts of its own stack', () => {
  const { stack, bucket } = shop();
  const other = new Stack(stack.node.root as never, 'Other');
  const resources = [bucket.arnForObjects('derived/*')];
  new ManagedPolicy(other, 'Read', {
    statements: [new PolicyStatement({ actions: ['s3:GetObject'], resources })],
  });
  const { PolicyDocument } = one(Template.fromStack(other), 'AWS::IAM::ManagedPolicy').Properties as {
    PolicyDocument: unknown;
  };
  expect(JSON.stringify(PolicyDocument)).toMatch(/Fn::(ImportValue|GetStackOutput)/);
});

it('our bucket fails synth if the app turns off its versions', () => {
  const { stack, bucket } = shop();
  (bucket.node.defaultChild as CfnBucket).versioningConfiguration = { status: 'Suspended' };
  expect(() => Template.fromStack(stack)).toThrow('Bucket must be versioned');
});

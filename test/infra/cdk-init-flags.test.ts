import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { type IVpc, Vpc } from 'aws-cdk-lib/aws-ec2';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { Code, type IFunction, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Bucket, BucketEncryption, EventType, type IBucket } from 'aws-cdk-lib/aws-s3';
import { LambdaDestination, SnsDestination, SqsDestination } from 'aws-cdk-lib/aws-s3-notifications';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { expect, it } from 'vitest';
import { elsewhere, pipelineIn } from './own-app.ts';
import { appProps } from './synthesis.ts';

/*
 * The feature flags of `cdk init` change the CDK's constructs: policies of keys, topics and buckets. The CDK's assertions
 * check that a template has no cycle.
 */
function initialised(): Stack {
  const file = createRequire(import.meta.url).resolve('aws-cdk-lib/recommended-feature-flags.json');
  const flags = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  const { context, ...props } = appProps();
  return new Stack(
    new App({ ...props, context: { ...flags, 'aws:cdk:disable-asset-staging': true } }),
    'Shop',
  );
}

it('in an app of cdk init our bucket has notifications of every kind without a dependency cycle', () => {
  const stack = initialised();
  const pipeline = pipelineIn(stack, {});
  const { bucket } = pipeline.bucket;
  const lambda = new LambdaFunction(stack, 'Reader', {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromInline('exports.handler = () => {};'),
  });
  bucket.grantRead(lambda);
  pipeline.grantRead(lambda);
  const key = (id: string) => new Key(stack, id) as IKey;
  const queue = new Queue(stack, 'Gone', { encryptionMasterKey: key('QueueKey') });
  const topic = new Topic(stack, 'Tagged', { masterKey: key('TopicKey') });
  const derived = { prefix: 'derived/' };
  bucket.addEventNotification(EventType.OBJECT_CREATED, new LambdaDestination(lambda as IFunction), derived);
  bucket.addEventNotification(EventType.OBJECT_REMOVED, new SqsDestination(queue), derived);
  bucket.addEventNotification(EventType.OBJECT_TAGGING, new SnsDestination(topic), derived);
  const template = Template.fromStack(stack);
  template.resourceCountIs('Custom::S3BucketNotifications', 0);
  template.resourceCountIs('AWS::Lambda::EventSourceMapping', 6);
});

it('in an app of cdk init a pipeline uses existing resources of every kind', () => {
  const stack = initialised();
  const vpc = new Vpc(stack, 'Net') as IVpc;
  const encryptionKey = new Key(stack, 'Key') as IKey;
  const encryption = BucketEncryption.KMS;
  const bucket = new Bucket(stack, 'Pictures', { versioned: true, encryption, encryptionKey }) as IBucket;
  pipelineIn(stack, {}, { vpc, encryptionKey, bucket });
  pipelineIn(stack, elsewhere, { vpc, encryptionKey }, 'Other');
  expect(Object.keys(Template.fromStack(stack).findResources('AWS::EC2::VPC'))).toHaveLength(1);
});

import { App, Stack } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { relayPauseSeconds } from '../../lambda/policy/relay-pause.ts';
import { resolveConfig } from '../../lib/config/resolve.ts';
import { PipelineKeys } from '../../lib/encryption/keys.ts';
import { JobsQueue } from '../../lib/queue/jobs-queue.ts';
import { VisibilityTooShort } from '../../lib/rules/visibility.ts';
import { one } from './reading.ts';
import { appProps, plain, synthesise } from './synthesis.ts';

const { pipeline } = synthesise();
const stages = { prod: pipeline, dev: synthesise({}, {}, 'dev').pipeline };
const day = 86_400;

describe('ImageJobs', () => {
  const queue = one(pipeline, 'AWS::SQS::Queue', 'ImageJobs').Properties;

  it('ImageJobs hides a received message for 6 × the timeout of process', () => {
    expect(queue.VisibilityTimeout).toBe(6 * 60);
  });

  it('the visibility timeout includes the batch window', () => {
    const { pipeline } = synthesise({ process: { timeoutSeconds: 30, batchWindowSeconds: 5 } });
    expect(one(pipeline, 'AWS::SQS::Queue', 'ImageJobs').Properties.VisibilityTimeout).toBe(185);
  });

  it('the configuration may set a longer visibility timeout', () => {
    const { pipeline } = synthesise({ process: { visibilityTimeoutSeconds: 900 } });
    expect(one(pipeline, 'AWS::SQS::Queue', 'ImageJobs').Properties.VisibilityTimeout).toBe(900);
  });

  it('a shorter visibility timeout is rejected even in an unvalidated configuration', () => {
    const config = resolveConfig(plain);
    const shorter = { ...config, process: { ...config.process, visibilityTimeoutSeconds: 120 } };
    const make = () => {
      const stack = new Stack(new App(appProps()));
      new JobsQueue(stack, 'Jobs', shorter, new PipelineKeys(stack, 'Keys', config).messages);
    };
    expect(make).toThrow(VisibilityTooShort);
    expect(make).toThrow('6 × 60 + 0 = 360 > 120');
  });

  it('ImageJobs is a standard queue with a retention of four days', () => {
    expect(queue.FifoQueue).toBeUndefined();
    expect(queue.MessageRetentionPeriod).toBe(4 * day);
  });

  it('ImageJobs uses long polling', () => {
    expect(queue.ReceiveMessageWaitTimeSeconds).toBe(20);
  });

  it('ImageJobs moves a message to the DLQ after maxReceiveCount receives', () => {
    const deadLetters = one(pipeline, 'AWS::SQS::Queue', 'DeadLetters').id;
    expect(queue.RedrivePolicy).toEqual({
      deadLetterTargetArn: { 'Fn::GetAtt': [deadLetters, 'Arn'] },
      maxReceiveCount: 125,
    });
  });
});

describe('the DLQ', () => {
  it('the DLQ keeps messages for 14 days', () => {
    expect(one(pipeline, 'AWS::SQS::Queue', 'DeadLetters').Properties.MessageRetentionPeriod).toBe(14 * day);
  });
});

it('Nudges keeps the nudge of the longest pause of the relay for a minute after its delay', () => {
  const nudges = one(pipeline, 'AWS::SQS::Queue', 'Nudges').Properties;
  expect(Number(nudges.MessageRetentionPeriod) - relayPauseSeconds(100)).toBeGreaterThanOrEqual(60);
});

describe.each(Object.entries(stages))('every queue with a dead-letter queue, in %s', (_, template) => {
  const queues = template.findResources('AWS::SQS::Queue') as Record<
    string,
    { Properties: Record<string, unknown> }
  >;
  const retention = (id: string) => Number(queues[id]?.Properties.MessageRetentionPeriod);
  const redriven = Object.entries(queues).flatMap(([id, { Properties }]) => {
    const policy = Properties.RedrivePolicy as
      | { deadLetterTargetArn: { 'Fn::GetAtt': [string, 'Arn'] }; maxReceiveCount: number }
      | undefined;
    const visibility = Number(Properties.VisibilityTimeout);
    return policy === undefined
      ? []
      : [{ id, visibility, ...policy, dead: policy.deadLetterTargetArn['Fn::GetAtt'][0] }];
  });

  it('sends a message there before it is too old', () => {
    expect(redriven.map(({ id }) => id.replace(/^Images(Queues)?|[0-9A-F]{8}$/g, '')).sort()).toEqual([
      'AnalyticsEvents',
      'AuditEvents',
      'DeliveryResults',
      'JobsImageJobs',
    ]);
    for (const { id, visibility, maxReceiveCount } of redriven)
      expect(maxReceiveCount * visibility, id).toBeLessThan(retention(id));
  });

  it('has one that keeps it for longer', () => {
    for (const { id, dead } of redriven) expect(retention(dead), id).toBeGreaterThan(retention(id));
  });
});

describe.each(['ImageJobs', 'DeadLetters', 'FailedUploadEvents'])('%s', (name) => {
  it('the queue is encrypted with the key of the messages', () => {
    const { id } = one(pipeline, 'AWS::KMS::Key', 'Messages');
    expect(one(pipeline, 'AWS::SQS::Queue', name).Properties).toMatchObject({
      KmsMasterKeyId: { 'Fn::GetAtt': [id, 'Arn'] },
      KmsDataKeyReusePeriodSeconds: 300,
    });
  });

  it.each([
    ['prod', 'RetainExceptOnCreate'],
    ['dev', 'Delete'],
  ] as const)('in %s: %s', (stage, DeletionPolicy) => {
    expect(one(stages[stage], 'AWS::SQS::Queue', name)).toMatchObject({ DeletionPolicy });
  });

  it('the queue rejects requests without TLS', () => {
    const { id } = one(pipeline, 'AWS::SQS::Queue', name);
    const policy = one(pipeline, 'AWS::SQS::QueuePolicy', name).Properties;
    expect(policy.Queues).toEqual([{ Ref: id }]);
    expect(policy.PolicyDocument).toMatchObject({
      Statement: [
        {
          Effect: 'Deny',
          Action: 'sqs:*',
          Principal: { AWS: '*' },
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ],
    });
  });
});

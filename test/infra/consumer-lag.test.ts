import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../lib/config/resolve.ts';
import { one, text } from './reading.ts';
import { plain, projectRoot, synthesise } from './synthesis.ts';

const kafka = { brokers: ['kafka.example.com:9092'], tls: 'off' as const };
const topic = 'arn:aws:sns:eu-west-1:111122223333:on-call';
const consumers = ['analytics', 'audit'] as const;
const alarmOf = (template: Template, consumer: string) =>
  one(template, 'AWS::CloudWatch::Alarm', `ConsumerLag${consumer}`).Properties as {
    Dimensions: { Name: string; Value: unknown }[];
    AlarmDescription: string;
  };
const dimensionOf = (template: Template, consumer: string) =>
  alarmOf(template, consumer).Dimensions.map(({ Name, Value }) => [Name, text(Value)]);
/** After 15 minutes in a row; an idle consumer has no data. */
const after15Minutes = {
  Statistic: 'Maximum',
  Period: 300,
  EvaluationPeriods: 3,
  ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  TreatMissingData: 'notBreaching',
};

describe('the lag of a consumer of events', () => {
  it.each(consumers)('of %s without Kafka is the age of the oldest event in its queue', (consumer) => {
    const { pipeline } = synthesise();
    const queue = one(pipeline, 'AWS::SQS::Queue', consumer === 'audit' ? 'AuditEvents' : 'AnalyticsEvents');
    expect(alarmOf(pipeline, consumer)).toMatchObject({
      Namespace: 'AWS/SQS',
      MetricName: 'ApproximateAgeOfOldestMessage',
      Threshold: 300,
      AlarmDescription: expect.stringContaining(`${consumer} is 300 s behind`),
      ...after15Minutes,
    });
    expect(dimensionOf(pipeline, consumer)).toEqual([['QueueName', `<${queue.id}.QueueName>`]]);
  });

  it.each(consumers)('of %s with Kafka is what its group has not processed of the topic', (consumer) => {
    const { pipeline } = synthesise({ events: { kafka } });
    expect(alarmOf(pipeline, consumer)).toMatchObject({
      Namespace: 'AWS/Lambda',
      MetricName: 'OffsetLag',
      Threshold: 10_000,
      AlarmDescription: expect.stringContaining(`${consumer} is 10000 events behind`),
      ...after15Minutes,
    });
    const { id } = one(pipeline, 'AWS::Lambda::Function', `Functions${consumer}`);
    expect(dimensionOf(pipeline, consumer)).toEqual([['FunctionName', `<${id}>`]]);
  });

  it.each(consumers)('of %s raises an alarm that names a section of docs/operations.md', (consumer) => {
    const { AlarmDescription } = alarmOf(synthesise().pipeline, consumer);
    const [, section] = /docs\/operations\.md, "(.+)"$/.exec(AlarmDescription) ?? [];
    expect(readFileSync(join(projectRoot, 'docs/operations.md'), 'utf8').split('\n')).toContain(
      `## ${section}`,
    );
  });

  it('notifies the topic of the deployment, at the begin and at the end', () => {
    const { pipeline } = synthesise({ deploy: { alarmTopicArn: topic } });
    for (const consumer of consumers)
      expect(alarmOf(pipeline, consumer)).toMatchObject({ AlarmActions: [topic], OKActions: [topic] });
  });

  it('notifies nobody unless told', () => {
    const { pipeline } = synthesise();
    for (const consumer of consumers) expect(alarmOf(pipeline, consumer)).not.toHaveProperty('AlarmActions');
  });

  it('takes no other resource for a topic', () => {
    const wrong = { alarmTopicArn: 'arn:aws:sqs:eu-west-1:111122223333:on-call' };
    expect(() => resolveConfig({ ...plain, deploy: wrong })).toThrow('must be the ARN of a topic of SNS');
  });
});

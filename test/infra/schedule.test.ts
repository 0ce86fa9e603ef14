import { expect, it } from 'vitest';
import { one } from './reading.ts';
import { synthesise } from './synthesis.ts';

const { pipeline } = synthesise();
const sweep = { Ref: one(pipeline, 'AWS::Lambda::Alias', 'Functionssweep').id };

it('a rule invokes sweep every minute, without a retry', () => {
  expect(one(pipeline, 'AWS::Events::Rule', 'Sweep').Properties).toMatchObject({
    ScheduleExpression: 'rate(1 minute)',
    State: 'ENABLED',
    Targets: [
      {
        Arn: sweep,
        RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
      },
    ],
  });
});

it('Lambda neither retries a failed sweep nor keeps a throttled one', () => {
  const { id, Properties } = one(pipeline, 'AWS::Lambda::EventInvokeConfig', 'Sweep');
  expect(id).toContain('Asynchronous');
  expect(Properties).toEqual({
    FunctionName: { Ref: one(pipeline, 'AWS::Lambda::Function', 'Functionssweep').id },
    Qualifier: 'live',
    MaximumRetryAttempts: 0,
    MaximumEventAgeInSeconds: 60,
  });
});

it('only the rule may invoke sweep', () => {
  const rule = one(pipeline, 'AWS::Events::Rule', 'Sweep').id;
  expect(one(pipeline, 'AWS::Lambda::Permission', 'SweepEveryMinute').Properties).toEqual({
    Action: 'lambda:InvokeFunction',
    Principal: 'events.amazonaws.com',
    FunctionName: sweep,
    SourceArn: { 'Fn::GetAtt': [rule, 'Arn'] },
  });
});

it.each(['Relay', 'Dispatch'])(
  'each minute a message comes to %s by its queue, whose mapping limits it',
  (name) => {
    const queue = one(pipeline, 'AWS::SQS::Queue', name === 'Relay' ? 'Nudges' : 'DeliveryResults').id;
    expect(one(pipeline, 'AWS::Events::Rule', name).Properties).toMatchObject({
      ScheduleExpression: 'rate(1 minute)',
      Targets: [{ Arn: { 'Fn::GetAtt': [queue, 'Arn'] }, Input: '{"v":1,"kind":"scheduled"}' }],
    });
  },
);

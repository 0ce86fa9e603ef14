import { expect, it } from 'vitest';
import { one } from './reading.ts';
import { synthesise } from './synthesis.ts';

const { pipeline } = synthesise();
const sweep = { Ref: one(pipeline, 'AWS::Lambda::Alias', 'Functionssweep').id };

it('a rule invokes sweep every minute, without a retry', () => {
  expect(one(pipeline, 'AWS::Events::Rule').Properties).toMatchObject({
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
  const rule = one(pipeline, 'AWS::Events::Rule').id;
  expect(one(pipeline, 'AWS::Lambda::Permission', 'EveryMinute').Properties).toEqual({
    Action: 'lambda:InvokeFunction',
    Principal: 'events.amazonaws.com',
    FunctionName: sweep,
    SourceArn: { 'Fn::GetAtt': [rule, 'Arn'] },
  });
});

import { expect, it } from 'vitest';
import { one } from './reading.ts';
import { synthesise } from './synthesis.ts';

const { pipeline } = synthesise();
const sweep = { Ref: one(pipeline, 'AWS::Lambda::Alias', 'Functionssweep').id };

it('sweep is invoked every minute by a rule, and not again when that fails', () => {
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

it('Lambda tries a sweep no second time either, and keeps none that found no room', () => {
  const { id, Properties } = one(pipeline, 'AWS::Lambda::EventInvokeConfig', 'Sweep');
  expect(id).toContain('Asynchronous');
  expect(Properties).toEqual({
    FunctionName: { Ref: one(pipeline, 'AWS::Lambda::Function', 'Functionssweep').id },
    Qualifier: 'live',
    MaximumRetryAttempts: 0,
    MaximumEventAgeInSeconds: 60,
  });
});

it('the rule, and no other, may invoke sweep', () => {
  const rule = one(pipeline, 'AWS::Events::Rule').id;
  expect(one(pipeline, 'AWS::Lambda::Permission', 'EveryMinute').Properties).toEqual({
    Action: 'lambda:InvokeFunction',
    Principal: 'events.amazonaws.com',
    FunctionName: sweep,
    SourceArn: { 'Fn::GetAtt': [rule, 'Arn'] },
  });
});

import { expect, it } from 'vitest';
import { one } from './reading.ts';
import { synthesise } from './synthesis.ts';

const { pipeline } = synthesise();
const sweep = one(pipeline, 'AWS::Lambda::Function', 'Functionssweep').id;

it('sweep is invoked every minute by a rule, and not again when that fails', () => {
  expect(one(pipeline, 'AWS::Events::Rule').Properties).toMatchObject({
    ScheduleExpression: 'rate(1 minute)',
    State: 'ENABLED',
    Targets: [
      {
        Arn: { 'Fn::GetAtt': [sweep, 'Arn'] },
        RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
      },
    ],
  });
});

it('the rule, and no other, may invoke sweep', () => {
  const rule = one(pipeline, 'AWS::Events::Rule').id;
  expect(one(pipeline, 'AWS::Lambda::Permission', 'EveryMinute').Properties).toEqual({
    Action: 'lambda:InvokeFunction',
    Principal: 'events.amazonaws.com',
    FunctionName: { 'Fn::GetAtt': [sweep, 'Arn'] },
    SourceArn: { 'Fn::GetAtt': [rule, 'Arn'] },
  });
});

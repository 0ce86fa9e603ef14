import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';

/** Invokes `sweep` every minute, by a rule of EventBridge. */
export class SweepSchedule extends Construct {
  constructor(scope: Construct, id: string, target: IFunction) {
    super(scope, id);
    new Rule(this, 'EveryMinute', {
      schedule: Schedule.rate(Duration.minutes(1)),
      // A sweep that could not start is no loss: the next one is a minute away.
      targets: [new LambdaFunction(target, { retryAttempts: 0, maxEventAge: Duration.minutes(1) })],
    });
  }
}

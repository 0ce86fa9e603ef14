import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { CfnEventInvokeConfig, type IAlias } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';

/**
 * Invokes `sweep` every minute, by a rule of EventBridge.
 *
 * EventBridge's own retries end where Lambda has taken the event. From there Lambda would try a run that failed twice
 * more, and one that found no room (the run before works on a backlog) for six hours; so it is told the same.
 */
export class SweepSchedule extends Construct {
  constructor(scope: Construct, id: string, target: IAlias) {
    super(scope, id);
    new Rule(this, 'EveryMinute', {
      schedule: Schedule.rate(Duration.minutes(1)),
      // A sweep that could not start is no loss: the next one is a minute away.
      targets: [new LambdaFunction(target, { retryAttempts: 0, maxEventAge: Duration.minutes(1) })],
    });
    const config = new CfnEventInvokeConfig(this, 'Asynchronous', {
      functionName: target.version.lambda.functionName,
      qualifier: target.aliasName,
      maximumRetryAttempts: 0,
      maximumEventAgeInSeconds: 60,
    });
    // It names the alias by its text alone.
    config.node.addDependency(target);
  }
}

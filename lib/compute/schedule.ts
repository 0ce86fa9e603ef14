import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { CfnEventInvokeConfig, type IAlias } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';

/**
 * Invokes a function regularly, by a rule of EventBridge.
 *
 * EventBridge's own retries end where Lambda has taken the event. From there Lambda would try a run that failed twice
 * more, and one that found no room (the run before works on a backlog) for six hours; so its own settings are the same.
 */
export class FunctionSchedule extends Construct {
  constructor(scope: Construct, id: string, target: IAlias, everySeconds: number) {
    super(scope, id);
    const every = Duration.seconds(everySeconds);
    new Rule(this, 'EveryMinute', {
      schedule: Schedule.rate(every),
      // A run that could not start is no loss: the next one follows.
      targets: [new LambdaFunction(target, { retryAttempts: 0, maxEventAge: every })],
    });
    const config = new CfnEventInvokeConfig(this, 'Asynchronous', {
      functionName: target.version.lambda.functionName,
      qualifier: target.aliasName,
      maximumRetryAttempts: 0,
      maximumEventAgeInSeconds: everySeconds,
    });
    // It names the alias by its text alone.
    config.node.addDependency(target);
  }
}

import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { CfnEventInvokeConfig, type IAlias } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';

/**
 * Invokes a function regularly by a rule of EventBridge, whose retries end when Lambda accepts the event. Lambda would
 * retry a failed run twice, and a throttled one (a backlog delays the run before) for six hours, so its settings match.
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
    // The rule refers to the alias only by text.
    config.node.addDependency(target);
  }
}

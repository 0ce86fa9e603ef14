import { Duration } from 'aws-cdk-lib';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnEventInvokeConfig, type IAlias } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { scheduledMessage } from '../catalogue/inner-queues.ts';
import type { EncryptionKey } from '../encryption/keys.ts';

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

/**
 * Sends a message regularly to the queue of a function. The maximum of the queue's mapping then limits all executions: a
 * rule that invoked the function itself could start one more.
 */
export class QueueSchedule extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { queue, key, everySeconds }: { queue: Queue; key: EncryptionKey; everySeconds: number },
  ) {
    super(scope, id);
    const every = Duration.seconds(everySeconds);
    const rule = new Rule(this, 'EveryMinute', { schedule: Schedule.rate(every) });
    // Not the CDK's target, which allows `kms:GenerateDataKey*` and `kms:ReEncrypt*` too.
    rule.addTarget({
      bind: () => ({
        arn: queue.queueArn,
        input: RuleTargetInput.fromObject(scheduledMessage),
        retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: everySeconds },
      }),
    });
    queue.addToResourcePolicy(
      new PolicyStatement({
        sid: 'Schedule',
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [queue.queueArn],
        conditions: { ArnEquals: { 'aws:SourceArn': rule.ruleArn } },
      }),
    );
    key.forRules();
  }
}

import { Duration, Stack } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import {
  CfnEventSourceMapping,
  EventSourceMapping,
  type Function as LambdaFunction,
} from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { allow } from '../compute/function-role.ts';
import type { ResolvedConfig } from '../config/schema.ts';
import { requireCeiling } from '../rules/ceiling.ts';

/** What the pollers do with the function's role. */
export function pollStatement(queue: IQueue): PolicyStatement {
  const actions = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];
  return allow('Poll', actions, [queue.queueArn]);
}

/** From ImageJobs to `process`. Its maxConcurrency is the cap; reserved concurrency alone would lose messages. */
export class JobsMapping extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { process, deploy }: ResolvedConfig,
    queue: IQueue,
    target: LambdaFunction,
  ) {
    super(scope, id);
    new EventSourceMapping(this, 'Mapping', {
      target,
      eventSourceArn: queue.queueArn,
      batchSize: process.batchSize,
      maxBatchingWindow: Duration.seconds(process.batchWindowSeconds),
      maxConcurrency: process.maxConcurrency,
      reportBatchItemFailures: true,
    });
    // Looked at when the whole app is there: somebody may have added a mapping of their own.
    if (deploy.reservedConcurrency)
      this.node.addValidation({ validate: () => ceilingMistakes(target, process.maxConcurrency) });
  }
}

function ceilingMistakes(target: LambdaFunction, reserved: number): string[] {
  const stack = Stack.of(target);
  const mappings = stack.node.root.node
    .findAll()
    .filter((one) => one instanceof CfnEventSourceMapping)
    .filter((one) => stack.resolve(one.functionName) !== undefined)
    .filter(
      (one) =>
        JSON.stringify(stack.resolve(one.functionName)) ===
        JSON.stringify(stack.resolve(target.functionName)),
    );
  const shares = mappings.map((one) => {
    const scaling = stack.resolve(one.scalingConfig) as { maximumConcurrency?: number } | undefined;
    // Without a maximum a mapping may start a thousand.
    return scaling?.maximumConcurrency ?? 1000;
  });
  try {
    requireCeiling(reserved, shares);
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

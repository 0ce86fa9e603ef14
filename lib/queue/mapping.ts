import { Duration, Stack } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import {
  CfnAlias,
  CfnEventSourceMapping,
  type CfnFunction,
  CfnVersion,
  EventSourceMapping,
  type IAlias,
  type IFunction,
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
    target: IAlias,
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

function ceilingMistakes(target: IAlias, reserved: number): string[] {
  const names = namesOf(target.version.lambda);
  const stack = Stack.of(target);
  const mappings = stack.node.root.node
    .findAll()
    .filter((one) => one instanceof CfnEventSourceMapping)
    .filter((one) => refersTo(stack.resolve(one.functionName), names));
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

/** Logical ids of a function, its versions and its aliases: executions of all of them count against what is reserved. */
function namesOf(lambda: IFunction): Set<string> {
  const stack = Stack.of(lambda);
  const own = stack.getLogicalId(lambda.node.defaultChild as CfnFunction);
  const qualified = stack.node
    .findAll()
    .filter((one) => one instanceof CfnVersion || one instanceof CfnAlias)
    .filter((one) => refersTo(stack.resolve(one.functionName), new Set([own])))
    .map((one) => stack.getLogicalId(one));
  return new Set([own, ...qualified]);
}

/** Whether a resolved value of a template has a reference to one of these logical ids in it. */
function refersTo(value: unknown, ids: ReadonlySet<string>): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, inner]) => {
    if (key === 'Ref') return ids.has(String(inner));
    if (key === 'Fn::GetAtt') return ids.has(String([inner].flat()[0]).split('.')[0] ?? '');
    return refersTo(inner, ids);
  });
}

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
import type { CfnQueue, IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { ResolvedConfig } from '../config/schema.ts';
import { allow } from '../policies/allow.ts';
import { requireCeiling } from '../rules/ceiling.ts';

/** What the pollers do with the function's role. */
export function pollStatement(queue: IQueue): PolicyStatement {
  const actions = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];
  return allow('Poll', actions, [queue.queueArn]);
}

/** From ImageJobs to `process`. Its maxConcurrency is the cap; reserved concurrency alone would lose messages. */
export class JobsMapping extends Construct {
  /** `eventSourceMappingId` is what switches the pipeline off and on. */
  readonly mapping: EventSourceMapping;

  constructor(
    scope: Construct,
    id: string,
    { process, deploy }: ResolvedConfig,
    queue: IQueue,
    target: IAlias,
  ) {
    super(scope, id);
    this.mapping = new EventSourceMapping(this, 'Mapping', {
      target,
      eventSourceArn: queue.queueArn,
      batchSize: process.batchSize,
      maxBatchingWindow: Duration.seconds(process.batchWindowSeconds),
      maxConcurrency: process.maxConcurrency,
      reportBatchItemFailures: true,
    });
    // Looked at when the whole app is there: somebody may have added a mapping of their own.
    const own = this.mapping.node.defaultChild as CfnEventSourceMapping;
    this.node.addValidation({
      validate: () => [
        ...competingMappings(queue, own),
        ...(deploy.reservedConcurrency ? ceilingMistakes(target, process.maxConcurrency) : []),
      ],
    });
  }
}

/** Each job goes to one function only: what another one takes is never made into an image. */
function competingMappings(queue: IQueue, own: CfnEventSourceMapping): string[] {
  const stack = Stack.of(queue);
  const id = new Set([stack.getLogicalId(queue.node.defaultChild as CfnQueue)]);
  return mappingsTo(stack, id, 'eventSourceArn')
    .filter((one) => one !== own)
    .map(
      (one) =>
        `${one.node.path} takes jobs away from process: a message of ImageJobs goes to one function only. To hear of ` +
        'images, use a notification of the bucket or events of EventBridge.',
    );
}

function ceilingMistakes(target: IAlias, configured: number): string[] {
  const stack = Stack.of(target);
  const lambda = target.version.lambda.node.defaultChild as CfnFunction;
  // Somebody may have set the function's own property.
  const reserved = (stack.resolve(lambda.reservedConcurrentExecutions) as number | undefined) ?? configured;
  const shares = mappingsTo(stack, namesOf(target.version.lambda), 'functionName').map((one) => {
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

/** All mappings of the app that name one of these logical ids of the stack. */
function mappingsTo(
  stack: Stack,
  ids: ReadonlySet<string>,
  property: 'eventSourceArn' | 'functionName',
): CfnEventSourceMapping[] {
  return stack.node.root.node
    .findAll()
    .filter((one) => one instanceof CfnEventSourceMapping)
    .filter((one) => {
      const there = Stack.of(one);
      const seen = stack.resolve(one[property]);
      // What reads the same in its own stack means something of that stack, which may have the same logical ids.
      const local = there !== stack && JSON.stringify(there.resolve(one[property])) === JSON.stringify(seen);
      return !local && refersTo(seen, ids);
    });
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

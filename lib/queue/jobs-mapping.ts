import { Annotations, Duration, Stack } from 'aws-cdk-lib';
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
import { requireCeiling, unboundedMapping } from '../rules/ceiling.ts';
import { fairnessWarning } from '../rules/fairness.ts';

/** Delivers ImageJobs to `process`. Its maxConcurrency is the cap: reserved concurrency alone would lose messages. */
export class JobsMapping extends Construct {
  /** Disable it by its `eventSourceMappingId` to pause the pipeline. */
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
    const unfair = fairnessWarning(process);
    if (unfair !== undefined) Annotations.of(this).addWarningV2('sluice:fairQueue', unfair);
    // Runs once the app is complete, because the app may add mappings.
    const own = this.mapping.node.defaultChild as CfnEventSourceMapping;
    this.node.addValidation({
      validate: () => [
        ...competingMappings(queue, own),
        ...(deploy.reservedConcurrency ? ceilingMistakes(target, process.maxConcurrency) : []),
      ],
    });
  }
}

/** A message goes to one consumer only: jobs that another one receives are never processed. */
function competingMappings(queue: IQueue, own: CfnEventSourceMapping): string[] {
  const stack = Stack.of(queue);
  const id = new Set([stack.getLogicalId(queue.node.defaultChild as CfnQueue)]);
  return mappingsTo(stack, id, 'eventSourceArn')
    .filter((one) => one !== own)
    .map(
      (one) =>
        `${one.node.path} would take jobs from process: each message of ImageJobs goes to one consumer only. To be notified of ` +
        'images, use onReady or a notification of the bucket.',
    );
}

function ceilingMistakes(target: IAlias, configured: number): string[] {
  const stack = Stack.of(target);
  const lambda = target.version.lambda.node.defaultChild as CfnFunction;
  // The app may have set the property of the function itself.
  const reserved = (stack.resolve(lambda.reservedConcurrentExecutions) as number | undefined) ?? configured;
  const shares = mappingsTo(stack, namesOf(target.version.lambda), 'functionName').map((one) => {
    const scaling = stack.resolve(one.scalingConfig) as { maximumConcurrency?: number } | undefined;
    return scaling?.maximumConcurrency ?? unboundedMapping;
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
      // A value that resolves alike in its own stack refers to that stack, whose logical ids may be the same.
      const local = there !== stack && JSON.stringify(there.resolve(one[property])) === JSON.stringify(seen);
      return !local && refersTo(seen, ids);
    });
}

/** Logical ids of a function, its versions and aliases: all their executions count against its reserved concurrency. */
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

/** Whether a resolved template value refers to one of these logical ids. */
function refersTo(value: unknown, ids: ReadonlySet<string>): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, inner]) => {
    if (key === 'Ref') return ids.has(String(inner));
    if (key === 'Fn::GetAtt') return ids.has(String([inner].flat()[0]).split('.')[0] ?? '');
    return refersTo(inner, ids);
  });
}

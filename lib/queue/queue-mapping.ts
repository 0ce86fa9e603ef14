import { Duration } from 'aws-cdk-lib';
import { EventSourceMapping, type IAlias } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { QueueTrigger } from '../catalogue/definition.ts';

/** Delivers a queue other than ImageJobs to a function, in batches that are not waited for. */
export function queueMapping(
  scope: Construct,
  id: string,
  queue: IQueue,
  target: IAlias,
  { batchSize, maxConcurrency }: QueueTrigger,
): EventSourceMapping {
  return new EventSourceMapping(scope, id, {
    target,
    eventSourceArn: queue.queueArn,
    batchSize,
    maxBatchingWindow: Duration.seconds(0),
    maxConcurrency,
    reportBatchItemFailures: true,
  });
}

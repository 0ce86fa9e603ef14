import { EventSourceMapping, type IAlias } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { QueueTrigger } from '../catalogue/definition.ts';
import type { ResolvedConfig } from '../config/schema.ts';

/** Delivers a queue between functions to its consumer. Its MaximumConcurrency is the consumer's cap. */
export class QueueMapping extends Construct {
  constructor(
    scope: Construct,
    id: string,
    config: ResolvedConfig,
    { queue, target, trigger }: { queue: IQueue; target: IAlias; trigger: QueueTrigger },
  ) {
    super(scope, id);
    new EventSourceMapping(this, 'Mapping', {
      target,
      eventSourceArn: queue.queueArn,
      batchSize: trigger.batchSize,
      maxConcurrency: trigger.mappingConcurrency(config),
      reportBatchItemFailures: true,
    });
  }
}

import { Duration } from 'aws-cdk-lib';
import { EventSourceMapping, type IAlias } from 'aws-cdk-lib/aws-lambda';
import { DeduplicationScope, FifoThroughputLimit, type Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { deadLetterDays } from '../../lambda/domain/patience.ts';
import type { Catalogue, FunctionName } from '../catalogue/catalogue.ts';
import { triggeredBy } from '../catalogue/select.ts';
import type { ResolvedConfig } from '../config/schema.ts';
import type { EncryptionKey } from '../encryption/keys.ts';
import { encryptedQueue } from '../queue/encrypted-queue.ts';
import { consumerBatch, consumerVisibilitySeconds } from '../rules/consumers.ts';

/**
 * The queues of the functions that consume events: a FIFO queue each, in which events of an image keep their order, and one
 * for the records that no consumer can process.
 */
export class EventConsumers extends Construct {
  /** Records that can never be processed, for 14 days. */
  readonly refused: Queue;
  /** By consumer; empty where they read from Kafka. */
  readonly queues: ReadonlyMap<FunctionName, Queue>;

  constructor(
    scope: Construct,
    id: string,
    { config, functions, key }: { config: ResolvedConfig; functions: Catalogue; key: EncryptionKey },
  ) {
    super(scope, id);
    const retentionPeriod = Duration.days(deadLetterDays);
    this.refused = encryptedQueue(this, 'Refused', config, key, { retentionPeriod });
    this.queues = new Map(
      triggeredBy('events', functions).map((name) => [
        name,
        encryptedQueue(this, name, config, key, {
          fifo: true,
          // 3,000 messages a second and more, instead of 300.
          deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
          fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
          visibilityTimeout: Duration.seconds(consumerVisibilitySeconds(config, functions[name])),
          // No dead-letter queue: what can never be processed is refused by the consumer, and an outage loses nothing.
          retentionPeriod,
          receiveMessageWaitTime: Duration.seconds(20),
        }),
      ]),
    );
  }

  /** Delivers events to a consumer. Two executions at most: they would only wait for each other. */
  deliver(name: FunctionName, target: IAlias): void {
    const queue = this.queues.get(name);
    if (queue === undefined) return;
    new EventSourceMapping(this, `${name}Mapping`, {
      target,
      eventSourceArn: queue.queueArn,
      batchSize: consumerBatch.queue,
      maxConcurrency: consumerBatch.executions,
      reportBatchItemFailures: true,
    });
  }
}

import { Duration } from 'aws-cdk-lib';
import { DeduplicationScope, FifoThroughputLimit, type Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { eachInnerQueue, type InnerQueue, innerQueue } from '../catalogue/inner-queues.ts';
import { innerReceives, innerVisibility } from '../config/queue-visibility.ts';
import type { ResolvedConfig } from '../config/schema.ts';
import type { EncryptionKey } from '../encryption/keys.ts';
import { encryptedQueue } from './encrypted-queue.ts';

/** 3,000 messages a second and more, instead of 300. */
const manyGroups = {
  fifo: true,
  deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
  fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
};

/** The queues between functions: standard queues where the database decides on the order. */
export class InnerQueues extends Construct {
  readonly queues: Readonly<Record<InnerQueue, Queue>>;

  constructor(
    scope: Construct,
    id: string,
    config: ResolvedConfig,
    { key, functions }: { key: EncryptionKey; functions: Catalogue },
  ) {
    super(scope, id);
    const made = new Map<InnerQueue, Queue>();
    this.queues = eachInnerQueue((queue) => {
      const { name, retentionSeconds, fifo, deadLetters } = innerQueue(queue);
      const dead = deadLetters === undefined ? undefined : made.get(deadLetters);
      const own = encryptedQueue(this, name, config, key, {
        visibilityTimeout: Duration.seconds(innerVisibility(queue, config, functions)),
        retentionPeriod: Duration.seconds(retentionSeconds),
        receiveMessageWaitTime: Duration.seconds(20),
        ...(fifo && manyGroups),
        ...(dead && {
          deadLetterQueue: { queue: dead, maxReceiveCount: innerReceives(queue, config, functions) },
        }),
      });
      made.set(queue, own);
      return own;
    });
  }
}

import { Duration } from 'aws-cdk-lib';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { deadLetterDays } from '../../lambda/domain/patience.ts';
import type { ResolvedConfig } from '../config/schema.ts';
import type { EncryptionKey } from '../encryption/keys.ts';
import { jobsRetentionDays, requireRetention } from '../rules/retention.ts';
import { visibilityTimeout } from '../rules/visibility.ts';
import { encryptedQueue } from './encrypted-queue.ts';

/** ImageJobs and its dead-letter queue: standard queues, because jobs need no order. */
export class JobsQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  /** @throws VisibilityTooShort */
  constructor(scope: Construct, id: string, config: ResolvedConfig, key: EncryptionKey) {
    super(scope, id);
    requireRetention(jobsRetentionDays, deadLetterDays);
    this.deadLetters = encryptedQueue(this, 'DeadLetters', config, key, {
      retentionPeriod: Duration.days(deadLetterDays),
    });
    this.queue = encryptedQueue(this, 'ImageJobs', config, key, {
      visibilityTimeout: Duration.seconds(visibilityTimeout(config.process)),
      retentionPeriod: Duration.days(jobsRetentionDays),
      // Long polling: one request in 20 s on an empty queue.
      receiveMessageWaitTime: Duration.seconds(20),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: config.process.maxReceiveCount },
    });
  }
}

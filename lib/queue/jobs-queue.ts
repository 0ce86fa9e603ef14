import { Duration } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { ResolvedConfig } from '../config/schema.ts';
import { deadLetterRetentionDays, jobsRetentionDays, requireRetention } from '../rules/retention.ts';
import { visibilityTimeout } from '../rules/visibility.ts';

/** ImageJobs and its dead-letter queue: standard queues, because FIFO ones would order what needs no order. */
export class JobsQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  /** @throws VisibilityTooShort */
  constructor(scope: Construct, id: string, config: ResolvedConfig) {
    super(scope, id);
    requireRetention(jobsRetentionDays, deadLetterRetentionDays);
    this.deadLetters = new Queue(this, 'DeadLetters', {
      retentionPeriod: Duration.days(deadLetterRetentionDays),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    });
    this.queue = new Queue(this, 'ImageJobs', {
      visibilityTimeout: Duration.seconds(visibilityTimeout(config.process)),
      retentionPeriod: Duration.days(jobsRetentionDays),
      // Long polls: an empty queue is asked every 20 s and not all the time.
      receiveMessageWaitTime: Duration.seconds(20),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: config.process.maxReceiveCount },
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    });
  }
}

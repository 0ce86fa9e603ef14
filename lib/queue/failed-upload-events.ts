import { Duration } from 'aws-cdk-lib';
import { CfnEventInvokeConfig, type IAlias } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { deadLetterDays } from '../../lambda/domain/patience.ts';
import type { ResolvedConfig } from '../config/schema.ts';
import type { EncryptionKey } from '../encryption/keys.ts';
import { encryptedQueue } from './encrypted-queue.ts';

/**
 * The queue for upload events that `enqueue` failed to process. S3 invokes it asynchronously: Lambda tries three times
 * within minutes, and for up to six hours while the function is throttled. No upload is lost: `sweep` finds it when its
 * ticket has expired.
 */
export class FailedUploadEvents extends Construct {
  readonly queue: Queue;

  constructor(scope: Construct, id: string, config: ResolvedConfig, key: EncryptionKey) {
    super(scope, id);
    this.queue = encryptedQueue(this, 'Queue', config, key, {
      retentionPeriod: Duration.days(deadLetterDays),
    });
  }

  /** Receives the failed asynchronous invocations of this alias. The function's role must be allowed to send to the queue. */
  catch(target: IAlias): void {
    const config = new CfnEventInvokeConfig(this, 'Asynchronous', {
      functionName: target.version.lambda.functionName,
      qualifier: target.aliasName,
      maximumRetryAttempts: 2,
      maximumEventAgeInSeconds: Duration.hours(6).toSeconds(),
      destinationConfig: { onFailure: { destination: this.queue.queueArn } },
    });
    // The name is plain text and implies no dependency.
    config.node.addDependency(target);
  }
}

import { Duration } from 'aws-cdk-lib';
import { CfnEventInvokeConfig, type IAlias } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { deadLetterDays } from '../../lambda/domain/patience.ts';
import type { ResolvedConfig } from '../config/schema.ts';
import type { EncryptionKey } from '../encryption/keys.ts';
import { encryptedQueue } from './encrypted-queue.ts';

/**
 * Where upload events go that `enqueue` could not pass on. S3 invokes it asynchronously: Lambda tries three times
 * in a few minutes, and while the function is throttled for six hours. What ends here is not lost either: `sweep`
 * finds the upload when its ticket has expired.
 */
export class FailedUploadEvents extends Construct {
  readonly queue: Queue;

  constructor(scope: Construct, id: string, config: ResolvedConfig, key: EncryptionKey) {
    super(scope, id);
    this.queue = encryptedQueue(this, 'Queue', config, key, {
      retentionPeriod: Duration.days(deadLetterDays),
    });
  }

  /** Takes what a function failed at that was invoked by this alias. Its role must be allowed to send to the queue. */
  catch(target: IAlias): void {
    const config = new CfnEventInvokeConfig(this, 'Asynchronous', {
      functionName: target.version.lambda.functionName,
      qualifier: target.aliasName,
      maximumRetryAttempts: 2,
      maximumEventAgeInSeconds: Duration.hours(6).toSeconds(),
      destinationConfig: { onFailure: { destination: this.queue.queueArn } },
    });
    // It names the alias by its text alone.
    config.node.addDependency(target);
  }
}

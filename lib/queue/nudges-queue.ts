import { Duration } from 'aws-cdk-lib';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { ResolvedConfig } from '../config/schema.ts';
import type { EncryptionKey } from '../encryption/keys.ts';
import { nudgeSeconds } from '../rules/nudges.ts';
import { visibilityTimeout } from '../rules/visibility.ts';
import { encryptedQueue } from './encrypted-queue.ts';

/**
 * The queue of nudges to the relay. They hold nothing: the schedule does what a lost one asked for. So they are received
 * once and expire within a minute, and there is no dead-letter queue.
 */
export function nudgesQueue(
  scope: Construct,
  id: string,
  config: ResolvedConfig,
  key: EncryptionKey,
  { timeoutSeconds }: { timeoutSeconds: number },
): Queue {
  return encryptedQueue(scope, id, config, key, {
    visibilityTimeout: Duration.seconds(visibilityTimeout({ timeoutSeconds, batchWindowSeconds: 0 })),
    retentionPeriod: Duration.seconds(nudgeSeconds),
    receiveMessageWaitTime: Duration.seconds(20),
  });
}

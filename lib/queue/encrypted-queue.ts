import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { ResolvedConfig } from '../config/schema.ts';
import type { EncryptionKey } from '../encryption/keys.ts';

/** A queue encrypted with a customer managed key and accessible by TLS only. */
export function encryptedQueue(
  scope: Construct,
  id: string,
  { deploy }: ResolvedConfig,
  { key }: EncryptionKey,
  properties: QueueProps,
): Queue {
  return new Queue(scope, id, {
    ...properties,
    encryption: QueueEncryption.KMS,
    encryptionMasterKey: key,
    // SQS's default: one KMS call in five minutes, after which a disabled key takes effect.
    dataKeyReuse: Duration.minutes(5),
    enforceSSL: true,
    removalPolicy:
      deploy.removal === 'retain' ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
  });
}

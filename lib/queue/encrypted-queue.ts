import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { ResolvedConfig } from '../config/schema.ts';
import type { EncryptionKey } from '../encryption/keys.ts';

/** A queue as all of ours are: encrypted with a key of the account's own, spoken to by TLS only. */
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
    // Five minutes, as SQS has it: a send asks KMS once in them, and a key that is disabled is felt as soon.
    dataKeyReuse: Duration.minutes(5),
    enforceSSL: true,
    removalPolicy:
      deploy.removal === 'retain' ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
  });
}

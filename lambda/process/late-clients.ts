import { setImmediate } from 'node:timers/promises';
import type { Bucket } from '../aws/bucket.ts';
import type { Queue } from '../aws/queue.ts';

/*
 * The clients of S3 and SQS are a third of all that the worker loads, and it needs neither before it has claimed
 * something. Loaded at its start they would hold up the start of the decoder, which takes longest, by 18 ms.
 */

/** The bucket as the worker needs it. It is loaded when the function is ready, while the database is being asked. */
export function lateBucket(bucketName: string): Pick<Bucket, 'headOriginal' | 'getOriginal' | 'putVariant'> {
  const opened = setImmediate()
    .then(() => import('../aws/bucket.ts'))
    .then(({ openBucket }) => openBucket({ bucketName }));
  // Who uses it is told; until then nobody listens.
  opened.catch(() => undefined);
  return {
    headOriginal: async (key, signal) => (await opened).headOriginal(key, signal),
    getOriginal: async (original, maxBytes, signal) => (await opened).getOriginal(original, maxBytes, signal),
    putVariant: async (variant, signal) => (await opened).putVariant(variant, signal),
  };
}

/** The queue as the worker needs it. It is loaded when a message is postponed for the first time: mostly never. */
export function lateQueue(queueUrl: string): Pick<Queue, 'changeVisibility'> {
  let opened: Promise<Queue> | undefined;
  const open = (): Promise<Queue> => {
    opened ??= import('../aws/queue.ts').then(({ openQueue }) => openQueue({ queueUrl }));
    return opened;
  };
  return {
    changeVisibility: async (receiptHandle, seconds, signal) =>
      (await open()).changeVisibility(receiptHandle, seconds, signal),
  };
}

import { setImmediate } from 'node:timers/promises';
import type { DeadLetterQueue } from '../aws/dead-letters.ts';
import type { Queue } from '../aws/queue.ts';
import type { ReadyEvents } from '../aws/ready-events.ts';
import type { Dependencies } from './dependencies.ts';

/*
 * The clients of S3 and SQS are a third of all that the worker loads, and it needs neither before it has claimed
 * something. Loaded at its start they would hold up the start of the sandbox, which takes longest, by 18 ms.
 */

/** The bucket as the worker needs it. It is loaded when the function is ready, while the database is being asked. */
export function lateBucket(bucketName: string): Dependencies['bucket'] {
  const opened = setImmediate()
    .then(() => import('../aws/bucket.ts'))
    .then(({ openBucket }) => openBucket({ bucketName }));
  // Who uses it is told; until then nobody listens.
  opened.catch(() => undefined);
  return {
    findFirstUpload: async (key, signal) => (await opened).findFirstUpload(key, signal),
    getOriginal: async (original, maxBytes, signal) => (await opened).getOriginal(original, maxBytes, signal),
    putVariant: async (variant, signal) => (await opened).putVariant(variant, signal),
  };
}

/** The queue as the worker needs it. It is loaded when a message is postponed for the first time: mostly never. */
export function lateQueue(queueUrl: string): Pick<Queue, 'changeVisibility'> {
  const open = once(() => import('../aws/queue.ts').then(({ openQueue }) => openQueue({ queueUrl })));
  return {
    changeVisibility: async (receiptHandle, seconds, signal) =>
      (await open()).changeVisibility(receiptHandle, seconds, signal),
  };
}

/** The dead-letter queue, loaded with the first letter. */
export function lateDeadLetters(queueUrl: string): DeadLetterQueue {
  const open = once(() =>
    import('../aws/dead-letters.ts').then(({ openDeadLetterQueue }) => openDeadLetterQueue({ queueUrl })),
  );
  return { sendLetters: async (letters, signal) => (await open()).sendLetters(letters, signal) };
}

/** The event bus, loaded with the first image that is ready. */
export function lateReadyEvents(bus: string, bucketName: string): ReadyEvents {
  const open = once(() =>
    import('../aws/ready-events.ts').then(({ openReadyEvents }) => openReadyEvents({ bus, bucketName })),
  );
  return { send: async (images, signal) => (await open()).send(images, signal) };
}

function once<Client>(load: () => Promise<Client>): () => Promise<Client> {
  let opened: Promise<Client> | undefined;
  return () => {
    opened ??= load();
    return opened;
  };
}

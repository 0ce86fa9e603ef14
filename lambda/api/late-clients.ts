import type { ApiParts } from './http/endpoint.ts';

/*
 * Most environments only sign. The clients of S3 and SQS are loaded with the first image body, and that of S3 also with the
 * first look for an awaited file.
 */

/** Two tries of 4 s leave time for a row to be taken back before the function's 15 s are over. */
export function lateBucket(bucketName: string): ApiParts['bucket'] {
  const open = once(async () => {
    const [{ openOriginals }, { storageClient }] = await Promise.all([
      import('../aws/originals.ts'),
      import('../aws/storage-client.ts'),
    ]);
    return openOriginals({ bucketName, client: storageClient({ maxAttempts: 2 }) });
  });
  return {
    headOriginal: async (key, signal) => (await open()).headOriginal(key, signal),
    putOriginal: async (original, signal) => (await open()).putOriginal(original, signal),
  };
}

export function lateQueue(queueUrl: string): ApiParts['queue'] {
  const open = once(async () => (await import('../aws/queue.ts')).openQueue({ queueUrl }));
  return { sendJobs: async (jobs, signal) => (await open()).sendJobs(jobs, signal) };
}

export function lateMessageQueue(queueUrl: string): ApiParts['deliveryResults'] {
  const open = once(async () => (await import('../aws/message-queue.ts')).openMessageQueue({ queueUrl }));
  return { send: async (messages, signal) => (await open()).send(messages, signal) };
}

function once<Value>(load: () => Promise<Value>): () => Promise<Value> {
  let loaded: Promise<Value> | undefined;
  return () => {
    loaded ??= load();
    return loaded;
  };
}

import { setImmediate } from 'node:timers/promises';
import type { Nudges } from '../aws/nudges.ts';

/*
 * The worker needs the clients only after a claim. Loaded at its start they would delay the sandbox, whose start takes
 * longest. Each `import()` is literal: esbuild makes it a chunk.
 */

/** Loaded when the function is ready, while the database responds. */
export function lateBucket(bucketName: string) {
  const opened = setImmediate()
    .then(() => import('../aws/bucket.ts'))
    .then(({ openBucket }) => openBucket({ bucketName }));
  // The first call handles the error.
  opened.catch(() => undefined);
  return late(() => opened, 'findFirstUpload', 'getOriginal', 'putVariant');
}

/** Loaded with the first message whose visibility changes. */
export function lateQueue(queueUrl: string) {
  const load = async () => (await import('../aws/queue.ts')).openQueue({ queueUrl });
  return late(load, 'changeVisibility');
}

/** Loaded with the first letter. */
export function lateDeadLetters(queueUrl: string) {
  const load = async () => (await import('../aws/dead-letters.ts')).openDeadLetterQueue({ queueUrl });
  return late(load, 'sendLetters');
}

/** Loaded with the first event. */
export function lateNudges(queueUrl: string, onTrouble: (error: unknown) => void): Nudges {
  let opened: Promise<Nudges> | undefined;
  return {
    send() {
      opened ??= import('../aws/nudges.ts').then(({ openNudges }) => openNudges({ queueUrl, onTrouble }));
      opened.then((nudges) => nudges.send(), onTrouble);
    },
    async settled() {
      await (await opened?.catch(() => undefined))?.settled();
    },
  };
}

/** A client with these methods, all asynchronous, whose module is loaded with the first call. */
function late<Client, Name extends keyof Client>(
  load: () => Promise<Client>,
  ...names: Name[]
): Pick<Client, Name> {
  let opened: Promise<Client> | undefined;
  const call =
    (name: Name) =>
    async (...given: unknown[]) => {
      opened ??= load();
      return ((await opened)[name] as (...given: unknown[]) => unknown)(...given);
    };
  return Object.fromEntries(names.map((name) => [name, call(name)])) as Pick<Client, Name>;
}

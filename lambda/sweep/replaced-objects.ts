import { type ReplacedObject, replacedObjects as read, removeReplaced } from '../postgres/images/pending.ts';
import { batchSize, type Dependencies } from './dependencies.ts';
import type { Duty } from './turns.ts';

/** Deletes the objects of variants that were made anew, once no URL of them is valid any more, then their records. */
export function replacedObjects({ database, bucket, replacedSeconds, log }: Dependencies): Duty {
  let after: ReplacedObject | undefined;
  return async ({ work, record }) => {
    const objects = await database.run(
      (connection) => read(connection, { limit: batchSize, after, olderThanSeconds: replacedSeconds }),
      { signal: work },
    );
    after = objects.at(-1) ?? after;
    if (objects.length === 0) return { counts: { removed: 0 }, more: false };
    const { empty, error } = await bucket.deleteAt(
      objects.map(({ key }) => key),
      work,
    );
    const gone = objects.filter(({ key }) => empty.has(key));
    if (gone.length === 0 && error !== undefined) throw error;
    if (error !== undefined) log.warn('Replaced objects are still there', { of: objects.length, error });
    const removed = await database.run((connection) => removeReplaced(connection, gone), { signal: record });
    return { counts: { removed }, more: objects.length === batchSize };
  };
}

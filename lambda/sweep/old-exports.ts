import { exportKey } from '../domain/export.ts';
import { exportsOver, removeExports } from '../postgres/exports/over.ts';
import { batchSize, type Dependencies } from './dependencies.ts';
import { eachObject } from './each-object.ts';
import type { Duty } from './turns.ts';

/** Longer than the lease of a worker, which may still put a part. */
const graceSeconds = 300;

/** Removes exports that are over: what was uploaded of an unfinished file, the file, then the row. */
export function oldExports({ database, bucket, exportFiles, exportDays, log }: Dependencies): Duty {
  return async ({ work, record }) => {
    const limits = { keepDays: exportDays, graceSeconds, limit: batchSize };
    const over = await database.run((connection) => exportsOver(connection, limits), { signal: work });
    if (over.length === 0) return { counts: { removed: 0 }, more: false };
    const keyOf = ({ tenant, id, encoding }: (typeof over)[number]) => exportKey(tenant, id, encoding);
    const unfinished = over.filter(({ uploadId }) => uploadId !== null);
    await eachObject(
      unfinished,
      (job) => exportFiles.abort({ key: keyOf(job), uploadId: job.uploadId ?? '' }, work),
      log,
    );
    const { empty, error } = await bucket.deleteAt(over.map(keyOf), work);
    if (empty.size === 0 && error !== undefined) throw error;
    const gone = over.filter((job) => empty.has(keyOf(job))).map(({ id }) => id);
    const removed = await database.run((connection) => removeExports(connection, gone), { signal: record });
    return { counts: { removed }, more: over.length === batchSize };
  };
}

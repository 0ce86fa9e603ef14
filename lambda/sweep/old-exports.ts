import { exportKey } from '../domain/export.ts';
import { exportsOver, type OverExport, recordFilesRemoved, removeExports } from '../postgres/exports/over.ts';
import { batchSize, type Dependencies } from './dependencies.ts';
import { eachObject } from './each-object.ts';
import type { Duty } from './turns.ts';

/** Longer than the lease of a worker, which may still put a part. */
const graceSeconds = 300;

/**
 * Removes what is left in the bucket of exports that are over, parts and files, and then the rows whose Idempotency-Key may
 * be forgotten. Without its row a part would never be found again: it cannot be read and is no object.
 */
export function oldExports(dependencies: Dependencies): Duty {
  const { database, exportDays, idempotencySeconds } = dependencies;
  return async ({ work, record }) => {
    const limits = { keepDays: exportDays, graceSeconds, limit: batchSize };
    const over = await database.run((connection) => exportsOver(connection, limits), { signal: work });
    const gone = over.length === 0 ? [] : await removeFiles(over, dependencies, work);
    const { files, removed } = await database.run(
      async (connection) => ({
        files: gone.length === 0 ? 0 : await recordFilesRemoved(connection, gone),
        removed: await removeExports(connection, { keySeconds: idempotencySeconds, limit: batchSize }),
      }),
      { signal: record },
    );
    const kept = over.length - gone.length;
    // What S3 keeps is found again at once: the next run tries it.
    const more = removed === batchSize || (over.length === batchSize && kept === 0);
    return { counts: { files, kept, removed }, more };
  };
}

/** Ends uploads, then deletes files. @returns the ids of exports of which nothing is left; throws if of none */
async function removeFiles(
  over: readonly OverExport[],
  { bucket, exportFiles, log }: Dependencies,
  signal: AbortSignal,
): Promise<string[]> {
  const errors: unknown[] = [];
  const keyOf = ({ tenant, id, encoding }: OverExport) => exportKey(tenant, id, encoding);
  const unfinished = over.filter(({ uploadId }) => uploadId !== null);
  const ended = await eachObject(
    unfinished,
    (job) => exportFiles.abort({ key: keyOf(job), uploadId: job.uploadId ?? '' }, signal),
    log,
  ).then(
    ({ answers }) => new Set(answers.map(({ item }) => item)),
    (error: unknown) => {
      errors.push(error);
      return new Set<OverExport>();
    },
  );
  const whole = over.filter((job) => job.uploadId === null || ended.has(job));
  const { empty, error } = await bucket.deleteAt(whole.map(keyOf), signal);
  if (error !== undefined) errors.push(error);
  const gone = whole.filter((job) => empty.has(keyOf(job))).map(({ id }) => id);
  const [first] = errors;
  if (gone.length === 0 && first !== undefined) throw first;
  if (first !== undefined)
    log.warn('Files of exports are still there', {
      exports: over.length - gone.length,
      of: over.length,
      error: first,
    });
  return gone;
}

import { TransientFailure } from '../domain/failure.ts';
import { markCompletionSent, pendingImages } from '../postgres/images/pending.ts';
import { batchSize, type Dependencies } from './dependencies.ts';
import type { Duty } from './turns.ts';

/** A message to complete an image is lost after this, and one that was returned has waited enough. */
const againAfterSeconds = 300;
/** The queue is nearly empty with less than this part of what a run may send. */
const nearlyEmpty = 0.1;

/**
 * Sends messages to complete ready images whose variants a brown-out left for later, oldest first, only when the queue is
 * nearly empty, and no more than the workers do until the next run: new work waits behind them for a minute at most.
 */
export function pendingVariants({ database, queue, completionsPerSweep, log }: Dependencies): Duty {
  let sent = 0;
  return async ({ work, record }) => {
    const limit = Math.min(batchSize, completionsPerSweep - sent);
    const images = await database.run(
      (connection) => pendingImages(connection, { limit, olderThanSeconds: againAfterSeconds }),
      { signal: work },
    );
    if (images.length === 0) return { counts: { sent: 0 }, more: false };
    // The queue may still hold what this run has sent.
    if ((await queue.queueDepth(work)) > sent + completionsPerSweep * nearlyEmpty)
      return { counts: { sent: 0 }, more: false };
    const jobs = images.map(({ tenant, imageId }) => ({ tenant, imageId, complete: true as const }));
    const unsent = new Map((await queue.sendJobs(jobs, work)).map((job) => [job.imageId, job.reason]));
    const ids = images.map(({ imageId }) => imageId).filter((imageId) => !unsent.has(imageId));
    const [reason] = unsent.values();
    if (ids.length === 0) throw new TransientFailure('internal', `SQS took no job: ${reason}`);
    if (unsent.size > 0) log.warn('SQS did not take all jobs', { unsent: unsent.size, reason });
    await database.run((connection) => markCompletionSent(connection, ids), { signal: record });
    sent += ids.length;
    return { counts: { sent: ids.length }, more: sent < completionsPerSweep && images.length === limit };
  };
}

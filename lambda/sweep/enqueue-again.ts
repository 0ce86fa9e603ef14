import { markEnqueued, type Stray } from '../postgres/sweeping.ts';
import type { Dependencies } from './dependencies.ts';

/**
 * Sends a message for each of these images and records it for those that SQS took. In this order: a message too
 * many finds its image finished, a record without a message would be a lost image.
 */
export async function enqueueAgain(
  images: readonly Stray[],
  { database, queue, log }: Dependencies,
): Promise<number> {
  if (images.length === 0) return 0;
  const unsent = await queue.sendJobs(images);
  if (unsent.length > 0)
    log.warn('SQS did not take all jobs', {
      unsent: unsent.length,
      of: images.length,
      first: unsent[0]?.reason,
    });
  const kept = new Set(unsent.map(({ imageId }) => imageId));
  const sent = images.map(({ imageId }) => imageId).filter((imageId) => !kept.has(imageId));
  if (sent.length > 0) await database.run((connection) => markEnqueued(connection, sent));
  return sent.length;
}

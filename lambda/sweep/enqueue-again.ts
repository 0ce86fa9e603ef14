import { TransientFailure } from '../domain/failure.ts';
import type { ImageRef } from '../domain/image.ts';
import { markEnqueued } from '../postgres/images/stalled.ts';
import type { Dependencies } from './dependencies.ts';
import type { Time } from './turns.ts';

/**
 * Sends a message per image, then records those that SQS accepted. In this order because an extra message does no harm,
 * but a record without a message would be a lost image.
 * @throws TransientFailure if SQS accepted none.
 */
export async function enqueueAgain(
  images: readonly ImageRef[],
  { database, queue, log, metrics }: Dependencies,
  { work, record }: Time,
): Promise<number> {
  if (images.length === 0) return 0;
  const unsent = await queue.sendJobs(images, work);
  const kept = new Set(unsent.map(({ imageId }) => imageId));
  const sent = images.map(({ imageId }) => imageId).filter((imageId) => !kept.has(imageId));
  const reason = unsent[0]?.reason;
  if (sent.length === 0) throw new TransientFailure('internal', `SQS took no job: ${reason}`);
  metrics.add('MessagesRequeued', {}, sent.length);
  if (unsent.length > 0)
    log.warn('SQS did not take all jobs', { unsent: unsent.length, of: images.length, reason });
  await database.run((connection) => markEnqueued(connection, sent), { signal: record });
  return sent.length;
}

import pLimit from 'p-limit';
import { incomingKey } from '../domain/image.ts';
import { markExpired, unusedTickets } from '../postgres/sweeping.ts';
import { atMost, type Dependencies, storageCalls } from './dependencies.ts';
import { enqueueAgain } from './enqueue-again.ts';

/** An upload that began before its ticket ended may still be on its way: S3 checks the expiry at its start. */
const graceSeconds = 300;

/**
 * Sees to images that still await their upload although the ticket is over. The bucket knows the truth: where the
 * original is there, its event was lost and it is enqueued; where it is not, the image is expired.
 */
export async function sweepUnusedTickets(
  dependencies: Dependencies,
): Promise<{ expired: number; enqueued: number }> {
  const { database, bucket } = dependencies;
  const tickets = await database.run((connection) =>
    unusedTickets(connection, { graceSeconds, limit: atMost }),
  );
  const looked = await pLimit(storageCalls).map(tickets, async (image) => ({
    image,
    uploaded: (await bucket.headOriginal(incomingKey(image.tenant, image.imageId))) !== undefined,
  }));
  const enqueued = await enqueueAgain(
    looked.filter(({ uploaded }) => uploaded).map(({ image }) => image),
    dependencies,
  );
  const unused = looked.filter(({ uploaded }) => !uploaded).map(({ image }) => image.imageId);
  const expired =
    unused.length === 0 ? 0 : await database.run((connection) => markExpired(connection, unused));
  return { expired, enqueued };
}

import { type ImageRef, incomingKey } from '../domain/image.ts';
import { ticketGraceSeconds } from '../domain/patience.ts';
import { markEnqueued, markExpired, unusedTickets as readUnusedTickets } from '../postgres/images/stalled.ts';
import type { Dependencies } from './dependencies.ts';
import { enqueueAgain } from './enqueue-again.ts';
import { inGroups } from './in-groups.ts';
import { inOrder } from './in-order.ts';
import type { Duty } from './turns.ts';

/**
 * Sees to images that still await their upload although the ticket is over. The bucket knows the truth: where there is
 * no original, the image is expired. Where there is one its message is lost, or waits behind a flood: on an empty queue
 * it cannot wait and is sent again; else the image counts as enqueued from now on, and its message as lost in time.
 */
export function unusedTickets(dependencies: Dependencies): Duty {
  const { database, bucket, queue, metrics } = dependencies;
  return inOrder(
    database,
    (connection, page) => readUnusedTickets(connection, { ...page, graceSeconds: ticketGraceSeconds }),
    async (tickets, time) => {
      const { work, record } = time;
      const found = await inGroups(tickets, (group) => bucket.findUploaded(group.map(incomingKey), work));
      const isUploaded = (ticket: ImageRef) => found.some((keys) => keys.has(incomingKey(ticket)));
      const unused = tickets.filter((ticket) => !isUploaded(ticket)).map(({ imageId }) => imageId);
      const expired =
        unused.length === 0
          ? 0
          : await database.run((connection) => markExpired(connection, unused), { signal: record });
      if (expired > 0) metrics.add('ImagesEnded', { Status: 'expired' }, expired);
      const uploaded = tickets.filter(isUploaded);
      if (uploaded.length === 0) return { expired, enqueued: 0, awaited: 0 };
      if ((await queue.queueDepth(work)) === 0)
        return { expired, enqueued: await enqueueAgain(uploaded, dependencies, time), awaited: 0 };
      const ids = uploaded.map(({ imageId }) => imageId);
      await database.run((connection) => markEnqueued(connection, ids), { signal: record });
      return { expired, enqueued: 0, awaited: ids.length };
    },
  );
}

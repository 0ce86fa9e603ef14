import { type ImageRef, incomingKey } from '../domain/image.ts';
import { ticketGraceSeconds } from '../domain/patience.ts';
import { markEnqueued, markExpired, unusedTickets as readUnusedTickets } from '../postgres/images/stalled.ts';
import type { Dependencies } from './dependencies.ts';
import { enqueueAgain } from './enqueue-again.ts';
import { inGroups } from './in-groups.ts';
import { paged } from './paging.ts';
import type { Duty } from './turns.ts';

/**
 * Handles images without a recorded upload after their ticket expired. Without an original in the bucket the image
 * expires. With one, its message is lost or delayed: on an empty queue it is sent again, otherwise the image counts as
 * enqueued from now on.
 */
export function unusedTickets(dependencies: Dependencies): Duty {
  const { database, bucket, queue, metrics } = dependencies;
  return paged(
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

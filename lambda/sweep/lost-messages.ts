import { waitingLong } from '../postgres/images/stalled.ts';
import type { Dependencies } from './dependencies.ts';
import { enqueueAgain } from './enqueue-again.ts';
import { paged } from './paging.ts';
import { withPatience } from './patience.ts';
import type { Duty } from './turns.ts';

/** Enqueues queued images again whose message is lost or was never sent (the upload's send failed). */
export function lostMessages(dependencies: Dependencies): Duty {
  return withPatience(dependencies, (olderThanSeconds) =>
    paged(
      dependencies.database,
      (connection, page) => waitingLong(connection, { ...page, olderThanSeconds }),
      async (images, time) => ({ enqueued: await enqueueAgain(images, dependencies, time) }),
    ),
  );
}

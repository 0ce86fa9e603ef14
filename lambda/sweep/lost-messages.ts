import { waitingLong } from '../postgres/images/stalled.ts';
import type { Dependencies } from './dependencies.ts';
import { enqueueAgain } from './enqueue-again.ts';
import { inOrder } from './in-order.ts';
import { patienceSeconds } from './patience.ts';
import type { Duty } from './turns.ts';

/** Enqueues queued images again whose message is lost or was never sent (the upload's send failed). */
export function lostMessages(dependencies: Dependencies): Duty {
  let duty: Duty | undefined;
  return async (time) => {
    if (duty === undefined) {
      const olderThanSeconds = await patienceSeconds(dependencies, time.work);
      duty = inOrder(
        dependencies.database,
        (connection, page) => waitingLong(connection, { ...page, olderThanSeconds }),
        async (images, within) => ({ enqueued: await enqueueAgain(images, dependencies, within) }),
      );
    }
    return duty(time);
  };
}

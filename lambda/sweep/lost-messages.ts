import { waitingLong } from '../postgres/sweeping.ts';
import { atMost, type Dependencies } from './dependencies.ts';
import { enqueueAgain } from './enqueue-again.ts';
import { patienceSeconds } from './patience.ts';

/** Enqueues queued images again whose message must be lost, or was never sent (an upload whose send failed). */
export async function sweepLostMessages(dependencies: Dependencies): Promise<{ enqueued: number }> {
  const olderThanSeconds = await patienceSeconds(dependencies);
  const waiting = await dependencies.database.run((connection) =>
    waitingLong(connection, { olderThanSeconds, limit: atMost }),
  );
  return { enqueued: await enqueueAgain(waiting, dependencies) };
}

import { abandoned } from '../postgres/sweeping.ts';
import { atMost, type Dependencies } from './dependencies.ts';
import { enqueueAgain } from './enqueue-again.ts';
import { patienceSeconds } from './patience.ts';

/** A worker may be at its last commit when its lease ends. */
const graceSeconds = 60;

/** Enqueues images again whose worker died. The next claim counts the death against the image. */
export async function sweepDeadLeases(dependencies: Dependencies): Promise<{ enqueued: number }> {
  const olderThanSeconds = await patienceSeconds(dependencies);
  const orphans = await dependencies.database.run((connection) =>
    abandoned(connection, { graceSeconds, olderThanSeconds, limit: atMost }),
  );
  return { enqueued: await enqueueAgain(orphans, dependencies) };
}

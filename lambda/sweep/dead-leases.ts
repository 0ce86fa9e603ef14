import { leaseGraceSeconds } from '../domain/patience.ts';
import { abandoned } from '../postgres/images/stalled.ts';
import type { Dependencies } from './dependencies.ts';
import { enqueueAgain } from './enqueue-again.ts';
import { inOrder, oneAfterTheOther } from './in-order.ts';
import { patienceSeconds } from './patience.ts';
import type { Duty } from './turns.ts';

/** Enqueues images whose worker died, again if that message is lost too. The next claim judges the death. */
export function deadLeases(dependencies: Dependencies): Duty {
  const enqueue = (again: boolean, olderThanSeconds: number): Duty =>
    inOrder(
      dependencies.database,
      (connection, page) => abandoned(connection, { ...page, again, olderThanSeconds }),
      async (images, time) => ({ enqueued: await enqueueAgain(images, dependencies, time) }),
    );
  let duty: Duty | undefined;
  return async (time) => {
    if (duty === undefined) {
      const patience = await patienceSeconds(dependencies, time.work);
      duty = oneAfterTheOther([enqueue(false, leaseGraceSeconds), enqueue(true, patience)]);
    }
    return duty(time);
  };
}

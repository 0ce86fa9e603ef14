import { leaseGraceSeconds } from '../domain/patience.ts';
import { abandoned } from '../postgres/images/stalled.ts';
import type { Dependencies } from './dependencies.ts';
import { enqueueAgain } from './enqueue-again.ts';
import { inSequence, paged } from './paging.ts';
import { withPatience } from './patience.ts';
import type { Duty } from './turns.ts';

/** Enqueues images whose worker died, again if that message is lost too. The next claim judges the death. */
export function deadLeases(dependencies: Dependencies): Duty {
  const enqueue = (again: boolean, olderThanSeconds: number): Duty =>
    paged(
      dependencies.database,
      (connection, page) => abandoned(connection, { ...page, again, olderThanSeconds }),
      async (images, time) => ({ enqueued: await enqueueAgain(images, dependencies, time) }),
    );
  return withPatience(dependencies, (lostAfter) =>
    inSequence([enqueue(false, leaseGraceSeconds), enqueue(true, lostAfter)]),
  );
}

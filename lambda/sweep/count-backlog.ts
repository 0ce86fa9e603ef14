import { reconcileBacklog } from '../postgres/backlog/reconcile.ts';
import { syncBacklog } from '../postgres/backlog/sync.ts';
import type { Dependencies } from './dependencies.ts';
import type { Duty } from './turns.ts';

const everySeconds = 3_600;
/** Tenants in one line of the log. */
const shown = 20;

/** Keeps the backlog counted while no environment of the API does, and compares it with the images once an hour. */
export function countBacklog({ database, log }: Dependencies): Duty {
  return async ({ record }) => {
    const drift = await database.run(
      async (connection) => {
        // First, because comparing a large backlog takes seconds and may fail.
        await syncBacklog(connection, { environment: 'sweep' });
        return reconcileBacklog(connection, { everySeconds });
      },
      { signal: record },
    );
    if (drift.length > 0)
      log.error('The backlog had drifted and was corrected', {
        tenants: drift.length,
        drift: drift.slice(0, shown),
      });
    return { counts: { corrected: drift.length }, more: false };
  };
}

import { removeOldEvents } from '../postgres/events/old-events.ts';
import type { Dependencies } from './dependencies.ts';
import type { Duty } from './turns.ts';

/** A batch takes about a second. */
const limit = 10_000;

/** Removes events that were sent and are older than the API shows them. */
export function oldEvents({ database, eventKeepDays }: Dependencies): Duty {
  return async ({ record }) => {
    const removed = await database.run(
      (connection) => removeOldEvents(connection, { olderThanSeconds: eventKeepDays * 86_400, limit }),
      { signal: record },
    );
    return { counts: { removed }, more: removed === limit };
  };
}

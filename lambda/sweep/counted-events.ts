import { forgottenDays } from '../domain/usage.ts';
import { forgetEvents } from '../postgres/analytics/add-usage.ts';
import type { Dependencies } from './dependencies.ts';
import type { Duty } from './turns.ts';

/** Ids only: a batch takes well under a second. */
const limit = 10_000;

/** Forgets ids of events that are too old to be counted again. */
export function countedEvents({ database }: Dependencies): Duty {
  return async ({ record }) => {
    const removed = await database.run(
      (connection) => forgetEvents(connection, { days: forgottenDays, limit }),
      { signal: record },
    );
    return { counts: { removed }, more: removed >= limit };
  };
}

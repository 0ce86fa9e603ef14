import { removeOldUse } from '../postgres/quotas/use.ts';
import type { Dependencies } from './dependencies.ts';
import type { Duty } from './turns.ts';

/** Small rows: a batch takes well under a second. */
const limit = 10_000;

/** Removes use of quotas in months that no window counts any more. */
export function oldQuotas({ database }: Dependencies): Duty {
  return async ({ record }) => {
    const removed = await database.run((connection) => removeOldUse(connection, { limit }), {
      signal: record,
    });
    return { counts: { removed }, more: removed >= limit };
  };
}

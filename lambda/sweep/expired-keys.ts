import { removeExpiredKeys } from '../postgres/images/expired-keys.ts';
import type { Dependencies } from './dependencies.ts';
import type { Duty } from './turns.ts';

/** Small rows found by an index: a batch takes well under a second. */
const limit = 10_000;

/** Deletes expired idempotency keys. */
export function expiredKeys({ database }: Dependencies): Duty {
  return async ({ record }) => {
    const removed = await database.run((connection) => removeExpiredKeys(connection, { limit }), {
      signal: record,
    });
    return { counts: { removed }, more: removed === limit };
  };
}

import { removeExpiredKeys } from '../postgres/sweeping.ts';
import type { Dependencies } from './dependencies.ts';

/** Small rows, found by an index: 10,000 take well under a second. */
const limit = 10_000;

/** Forgets idempotency keys whose time is over. */
export async function sweepExpiredKeys({ database }: Dependencies): Promise<{ removed: number }> {
  return { removed: await database.run((connection) => removeExpiredKeys(connection, { limit })) };
}

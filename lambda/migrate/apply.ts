import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '../postgres/connection/connection.ts';
import { causeState } from '../postgres/connection/failures.ts';
import { applyInTransaction, applyOutside, longestTransactions } from '../postgres/schema/migrating.ts';
import type { Log } from '../runtime/logger.ts';
import type { Migration } from './migrations.ts';
import { outsideTransaction } from './outside.ts';

/** How a migration waits for a lock, in milliseconds. */
export interface LockPatience {
  /**
   * A statement that waits for a strong lock makes all that come after it wait too, so it gives up after this long.
   * A second is felt by nobody whose requests may take 5.
   */
  lockTimeoutMs: number;
  /** The pause before the next try is random, up to this long: what held the lock goes on meanwhile. */
  pauseMs: number;
}

export const lockPatience: LockPatience = { lockTimeoutMs: 1_000, pauseMs: 5_000 };

/** 55P03 lock not available, 40P01 deadlock: the same statement may succeed later. */
const taken = new Set(['55P03', '40P01']);

/**
 * Applies a migration and remembers it, trying again for as long as a lock is not free: until the connection's call is
 * aborted. Of one inside a transaction both or nothing happen. One outside is begun again where a kill left it.
 */
export async function apply(
  connection: Connection,
  migration: Migration,
  { lockTimeoutMs, pauseMs }: LockPatience,
  log: Log,
): Promise<void> {
  const outside = outsideTransaction(migration);
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (outside !== undefined) await applyOutside(connection, { ...migration, ...outside });
      else await applyInTransaction(connection, { ...migration, lockTimeoutMs });
      return;
    } catch (error) {
      if (!taken.has(causeState(error) ?? '')) throw error;
      // For whoever reads the log, who has no way into the database.
      const open = await longestTransactions(connection).catch(() => undefined);
      log.warn('A lock was not free, the migration is tried again', {
        migration: migration.name,
        attempt,
        open,
      });
      await sleep(Math.random() * pauseMs);
    }
  }
}

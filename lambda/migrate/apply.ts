import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '../postgres/connection/connection.ts';
import { causeState } from '../postgres/connection/failures.ts';
import { applyInTransaction, applyOutside, longestTransactions } from '../postgres/schema/migrating.ts';
import type { Log } from '../runtime/logger.ts';
import type { Migration } from './migrations.ts';
import { outsideTransaction } from './outside.ts';

/** How long a migration waits for a lock, in milliseconds. */
export interface LockPatience {
  /** A statement that waits for a strong lock blocks later ones. A second is harmless to requests that may take 5. */
  lockTimeoutMs: number;
  /** Random pause before the next try, up to this long. */
  pauseMs: number;
}

export const lockPatience: LockPatience = { lockTimeoutMs: 1_000, pauseMs: 5_000 };

/** 55P03 lock not available, 40P01 deadlock: a retry may succeed. */
const taken = new Set(['55P03', '40P01']);

/**
 * Applies and records a migration; retries on locks until the connection's call is aborted. Atomic inside a
 * transaction; outside one, a killed migration starts over.
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
      // For operators, who have no database access.
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

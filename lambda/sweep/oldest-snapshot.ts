import { oldestSnapshotSeconds } from '../postgres/exports/oldest-snapshot.ts';
import type { Dependencies } from './dependencies.ts';
import type { Duty } from './turns.ts';

/** Records the age of the oldest snapshot: of a consistent export, or of a transaction that somebody forgot. */
export function oldestSnapshot({ database, metrics }: Dependencies): Duty {
  return async ({ work }) => {
    const seconds = await database.run(oldestSnapshotSeconds, { signal: work });
    metrics.add('OldestSnapshotSeconds', {}, seconds);
    return { counts: { seconds: Math.round(seconds) }, more: false };
  };
}

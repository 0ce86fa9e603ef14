import type { BacklogSnapshot } from '../../domain/backlog.ts';
import type { Connection } from '../connection/connection.ts';

export interface SyncRequest {
  /** Turns to share with the other environments, if any. */
  turns?: Buffer | undefined;
  /** The highest id of turns that the caller has read; 0 at first. */
  seenTurn: number;
}

/**
 * Shares turns and returns the current backlog, in one round trip. At most one caller a second sums what changed; the
 * others read its result without waiting.
 * @throws TransientFailure `database_unavailable`.
 */
export async function syncBacklog(connection: Connection, request: SyncRequest): Promise<BacklogSnapshot> {
  const { rows } = await connection.query<BacklogSnapshot>('select sync_backlog($1, $2)', [
    request.turns ?? null,
    request.seenTurn,
  ]);
  if (rows[0] === undefined) throw new Error('the backlog was not read');
  return rows[0];
}

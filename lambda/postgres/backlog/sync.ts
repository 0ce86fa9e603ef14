import type { BacklogSnapshot } from '../../domain/backlog.ts';
import type { Connection } from '../connection/connection.ts';

export interface SyncRequest {
  /** A name of the caller's environment, unique among those alive. Its own turns are not returned to it. */
  environment: string;
  /** Turns to share with the other environments, if any. */
  turns?: Buffer | undefined;
  /** `seen` of the caller's last snapshot, so that turns are returned once. */
  seen?: string | undefined;
}

/**
 * Shares turns and returns the current backlog, in one round trip. At most one caller a second sums what changed; the
 * others read its result without waiting.
 * @throws TransientFailure `database_unavailable`.
 */
export async function syncBacklog(
  connection: Connection,
  { environment, turns, seen }: SyncRequest,
): Promise<BacklogSnapshot> {
  const { rows } = await connection.query<BacklogSnapshot>('select * from sync_backlog($1, $2, $3)', [
    environment,
    turns ?? null,
    seen ?? null,
  ]);
  if (rows[0] === undefined) throw new Error('the backlog was not read');
  return rows[0];
}

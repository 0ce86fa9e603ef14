import type { Connection } from '../connection/connection.ts';

/** What the counted backlog of a tenant lacked; negative if it had too much. */
export interface Drift {
  tenant: string;
  images: number;
  work: number;
  tickets: number;
}

/**
 * Counts the images and corrects the backlog from its next roll-up on. One snapshot, so writers and roll-ups go on.
 * @param everySeconds does nothing if the last time is not so long ago
 * @returns tenants with a difference; empty means that the backlog is right, or another call counts.
 */
export async function reconcileBacklog(
  connection: Connection,
  { everySeconds }: { everySeconds: number },
): Promise<Drift[]> {
  const { rows } = await connection.query<Drift>(
    'select tenant, images, work, tickets from reconcile_backlog($1)',
    [everySeconds],
  );
  return rows;
}

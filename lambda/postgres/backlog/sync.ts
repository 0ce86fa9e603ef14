import type { BacklogSnapshot, TenantBacklog } from '../../domain/backlog.ts';
import type { Connection } from '../connection/connection.ts';

export interface SyncRequest {
  /** A name of the caller's environment, unique among those alive. Its own turns are not returned to it. */
  environment: string;
  /** Turns to share with the other environments, if any. */
  turns?: Buffer | undefined;
  /** `seen` of the caller's last snapshot, so that turns are returned once. */
  seen?: string | undefined;
}

/** Work in thousandths. */
type TenantRow = [tenant: string, images: number, work: number, tickets: number, ticketWork: number];

interface Row {
  at: number;
  tenants: TenantRow[];
  ended: [at: number, seconds: number, work: number, images: number][];
  oldest: number;
  environments: number;
  /** Bytes in base64. */
  shared: [environment: string, bytes: string][];
  seen: string;
}

const syncStatement = {
  name: 'sync',
  text: 'select at, tenants, ended, oldest, environments, shared, seen_now as seen from sync_backlog($1, $2, $3)',
};

/**
 * Shares turns and returns the current backlog, in one round trip. At most one caller a second adds what changed
 * (migration 000011); the others read its result without waiting.
 * @throws TransientFailure `database_unavailable`.
 */
export async function syncBacklog(
  connection: Connection,
  { environment, turns, seen }: SyncRequest,
): Promise<BacklogSnapshot> {
  const { rows } = await connection.query<Row>(syncStatement, [environment, turns ?? null, seen ?? null]);
  const row = rows[0];
  if (row === undefined) throw new Error('the backlog has no roll-up');
  const tenants = new Map(row.tenants.map((one) => [one[0], backlogOf(one)]));
  return {
    at: row.at,
    total: sum([...tenants.values()]),
    tenants,
    ended: row.ended.map(([at, seconds, work, images]) => ({ at, seconds, work: work / 1000, images })),
    oldestSeconds: row.oldest,
    environments: row.environments,
    turns: row.shared.map(([sender, bytes]) => ({
      environment: sender,
      bytes: Buffer.from(bytes, 'base64'),
    })),
    seen: row.seen,
  };
}

function backlogOf([, images, work, tickets, ticketWork]: TenantRow): TenantBacklog {
  return { images, work: work / 1000, tickets, ticketWork: ticketWork / 1000 };
}

function sum(all: readonly TenantBacklog[]): TenantBacklog {
  const total = { images: 0, work: 0, tickets: 0, ticketWork: 0 };
  for (const { images, work, tickets, ticketWork } of all) {
    total.images += images;
    total.work += work;
    total.tickets += tickets;
    total.ticketWork += ticketWork;
  }
  return total;
}

import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { reconcileBacklog } from '../../lambda/postgres/backlog/reconcile.ts';
import { syncBacklog } from '../../lambda/postgres/backlog/sync.ts';
import type { Connection, Database } from '../../lambda/postgres/connection/connection.ts';
import { type Claim, claimImages } from '../../lambda/postgres/images/claim.ts';
import { commitResults } from '../../lambda/postgres/images/commit.ts';
import { insertTicket } from '../../lambda/postgres/images/tickets.ts';

/** Milliseconds of each repetition, in order: as its client sees them, and of its backend's processor. */
export interface Times {
  wall: number[];
  cpu: number[];
}
export const noTimes = (): Times => ({ wall: [], cpu: [] });

/** Connections of the functions and of the owner. */
export interface Sessions {
  api: Connection;
  process: Connection;
  admin: pg.Client;
  /** A new session of a role. */
  as(role: string): Database;
}

const maxAttempts = 5;
let serial = 0;

/** Adds the times of one call. Those of the processor are Linux's, and other work on the machine hardly changes them. */
async function time(into: Times, connection: Connection, work: () => Promise<unknown>): Promise<void> {
  const { rows } = await connection.query<{ pid: number }>('select pg_backend_pid() as pid');
  const used = () => Number(readFileSync(`/proc/${rows[0]?.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  const [started, before] = [performance.now(), used()];
  await work();
  into.wall.push(performance.now() - started);
  into.cpu.push(used() - before);
}

/** The round trip, the driver and the session. */
export async function emptyStatement({ api }: Sessions, times: number): Promise<Times> {
  const all = noTimes();
  for (let turn = 0; turn < times; turn += 1) await time(all, api, () => api.query('select $1::int', [1]));
  return all;
}

/** A ticket with an Idempotency-Key, for one of a thousand tenants in turn. */
export async function tickets({ api }: Sessions, times: number): Promise<Times> {
  const all = noTimes();
  for (let turn = 0; turn < times; turn += 1) {
    serial += 1;
    const { rows } = await api.query<{ id: string }>('select uuidv7() as id');
    const image = {
      id: rows[0]?.id ?? '',
      tenant: `tenant-${1 + (serial % 1_000)}`,
      contentType: 'image/jpeg',
      bytes: 1_000,
      presets: ['small'],
      metadata: {},
      ticketSeconds: 900,
    };
    const claim = {
      key: `bench-${serial}`,
      requestSha256: Buffer.alloc(32),
      answered: 201 as const,
      lockSeconds: 60,
      keepSeconds: 86_400,
    };
    await time(all, api, () => insertTicket(api, image, { claim }));
  }
  return all;
}

const oldest = `select id as "imageId", tenant_id as tenant from image where status = 'queued' and deleted_at is null
  order by coalesce(enqueued_at, updated_at), id limit 10`;
const terms = { leaseSeconds: 65, maxAttempts, alone: false, beginning: 3 };

/** Claims and commits of ten queued images, of several tenants. */
export async function batches(
  { process, admin }: Sessions,
  times: number,
): Promise<{ claims: Times; commits: Times }> {
  const claims = noTimes();
  const commits = noTimes();
  for (let turn = 0; turn < times; turn += 1) {
    const { rows } = await admin.query<{ imageId: string; tenant: string }>(oldest);
    let claimed: Claim[] = [];
    await time(claims, process, async () => {
      claimed = await claimImages(process, rows, terms);
    });
    const results = claimed.flatMap((one) => (one.outcome === 'claimed' ? [ready(one)] : []));
    await time(commits, process, () => commitResults(process, results, { maxAttempts }));
  }
  return { claims, commits };
}

/** Claims that are the first statement of their session, as after a pause of the worker. */
export async function firstClaims({ as, admin }: Sessions, times: number): Promise<Times> {
  const all = noTimes();
  for (let turn = 0; turn < times; turn += 1) {
    const { rows } = await admin.query<{ imageId: string; tenant: string }>(oldest);
    const database = as('sluice_process');
    await database.run((connection) => time(all, connection, () => claimImages(connection, rows, terms)));
    await database.close();
  }
  return all;
}

function ready({ imageId, attempt }: { imageId: string; attempt: number }) {
  const size = { width: 320, height: 240, frames: 1, bytes: 9_000 };
  const variants = ['large', 'medium', 'small'].map((preset) => ({
    ...size,
    preset,
    format: 'webp' as const,
    contentType: 'image/webp' as const,
    sha256: 'ab'.repeat(32),
    key: `derived/${imageId}`,
  }));
  const original = { ...size, contentType: 'image/jpeg' as const };
  return {
    imageId,
    attempt,
    outcome: 'ready' as const,
    original,
    placeholder: { color: '#336699' },
    variants,
  };
}

/** A snapshot that only reads, and one that first sums what a thousand tickets of a second changed. */
export async function snapshots(
  { api, admin }: Sessions,
  times: number,
): Promise<{ reads: Times; rollUps: Times }> {
  const reads = noTimes();
  const rollUps = noTimes();
  const sync = () => syncBacklog(api, { environment: 'bench' });
  for (let turn = 0; turn < times; turn += 1) {
    for (let ticket = 0; ticket < 1_000; ticket += 1)
      await admin.query(
        `insert into image (id, tenant_id, status, declared_type, declared_bytes, presets, ticket_expires_at)
         values (uuidv7(), $1, 'awaiting_upload', 'image/jpeg', 1000, '{small}', now() + interval '15 minutes')`,
        [`tenant-${1 + ticket}`],
      );
    await admin.query("update backlog_roll_up set rolled_at = rolled_at - interval '1 second'");
    await time(rollUps, api, sync);
    await time(reads, api, sync);
  }
  return { reads, rollUps };
}

/** The hourly count, which finds nothing. */
export async function reconciliation({ as }: Sessions): Promise<Times> {
  const all = noTimes();
  const database = as('sluice_sweep');
  await database.run((connection) =>
    time(all, connection, async () => {
      const drift = await reconcileBacklog(connection, { everySeconds: 0 });
      if (drift.length > 0) throw new Error(`the backlog had drifted: ${JSON.stringify(drift.slice(0, 3))}`);
    }),
  );
  await database.close();
  return all;
}

import pg from 'pg';
import type { BacklogSnapshot } from '../../../lambda/domain/backlog.ts';
import { syncBacklog } from '../../../lambda/postgres/backlog/sync.ts';
import type { TestDb } from './rows.ts';

/** The next snapshot sums up what has changed, as if a second had passed since the last one. */
export async function rollUp(db: TestDb, role = 'sluice_api'): Promise<BacklogSnapshot> {
  await db.admin.query("update backlog_roll_up set rolled_at = rolled_at - interval '1 second'");
  return db.as(role).run((connection) => syncBacklog(connection, { environment: 'test' }));
}

/** Counts the images themselves, with the tickets that were usable at the last roll-up. Work in thousandths, as text. */
export async function trueBacklog(admin: pg.Client): Promise<object[]> {
  const { rows } = await admin.query(
    `select tenant_id as tenant, count(*) filter (where working)::int as images,
       coalesce(sum(round(work * 1000)) filter (where working), 0)::text as work,
       count(*) filter (where not working)::int as tickets,
       coalesce(sum(round(work * 1000)) filter (where not working), 0)::text as ticket_work
     from (select *, status <> 'awaiting_upload' as working from image) i, backlog_roll_up
     where deleted_at is null and (status in ('queued', 'processing') or (status = 'awaiting_upload'
       and ceil(extract(epoch from ticket_expires_at)) > floor(extract(epoch from rolled_at))))
     group by tenant_id order by tenant_id`,
  );
  return rows;
}

/** The sums that the roll-ups keep. */
export async function summedBacklog(admin: pg.Client): Promise<object[]> {
  const { rows } = await admin.query(
    `select tenant_id as tenant, images, work::text, tickets, ticket_work::text
     from tenant_backlog order by tenant_id`,
  );
  return rows;
}

/** Removes all images, and what roll-ups remember of them. */
export async function clearBacklog(db: TestDb): Promise<void> {
  await db.admin.query(`delete from image; delete from drain_interval; delete from backlog_turns;
    update backlog_roll_up set claimed_at = '-infinity', worked_at = '-infinity'`);
  await rollUp(db);
}

/** A snapshot for an environment of the API. */
export function sync(
  db: TestDb,
  environment: string,
  more: { turns?: Buffer; seen?: string } = {},
): Promise<BacklogSnapshot> {
  return db.as('sluice_api').run((connection) => syncBacklog(connection, { environment, ...more }));
}

/** Another session of the superuser. */
export async function openSession(db: TestDb): Promise<pg.Client> {
  const client = new pg.Client({ ...db.address, database: db.address.name });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

import type pg from 'pg';
import type { BacklogSnapshot } from '../../../lambda/domain/backlog.ts';
import { syncBacklog } from '../../../lambda/postgres/backlog/sync.ts';
import type { TestDb } from './rows.ts';

/** The next snapshot sums up what has changed, as if a second had passed since the last one. */
export async function rollUp(db: TestDb, role = 'sluice_api'): Promise<BacklogSnapshot> {
  await db.admin.query("update backlog_roll_up set rolled_at = rolled_at - interval '1 second'");
  return db.as(role).run((connection) => syncBacklog(connection, { environment: 'test' }));
}

/** Counts the images themselves. Work in thousandths, as text. */
export async function trueBacklog(admin: pg.Client): Promise<object[]> {
  const { rows } = await admin.query(
    `select tenant_id as tenant, count(*) filter (where working)::int as images,
       coalesce(sum(round(work * 1000)) filter (where working), 0)::text as work,
       count(*) filter (where not working)::int as tickets,
       coalesce(sum(round(work * 1000)) filter (where not working), 0)::text as ticket_work
     from (select *, status <> 'awaiting_upload' as working from image) i
     where deleted_at is null and (status in ('queued', 'processing')
       or (status = 'awaiting_upload' and ticket_expires_at > now()))
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

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { readMigrations } from '../../../lambda/migrate/migrations.ts';
import { textsOf } from '../../../lambda/migrate/outside.ts';
import { syncBacklog } from '../../../lambda/postgres/backlog/sync.ts';
import { createDatabase } from '../../support/database.ts';
import { enterDatabase } from '../../support/enter-database.ts';
import { summedBacklog, trueBacklog } from '../postgres/backlog-state.ts';
import { insertImage } from '../postgres/rows.ts';

const migrations = readMigrations(join(import.meta.dirname, '../../../migrations'));
const server = inject('postgres');
const name = `old_${randomBytes(6).toString('hex')}`;
let admin: pg.Client;
beforeAll(async () => {
  // Creates the roles.
  await (await createDatabase()).drop();
  const first = new pg.Client(server);
  await first.connect();
  await first.query(`create database ${name}`);
  await first.end();
  admin = new pg.Client({ ...server, database: name });
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  const last = new pg.Client(server);
  await last.connect();
  await last.query(`drop database ${name} with (force)`);
  await last.end();
});

it('the migration that begins to count finds the backlog of before, and what is written meanwhile', async () => {
  for (const text of migrations.slice(0, 10).flatMap(textsOf)) await admin.query(text);
  await admin.query("insert into tenant (id) values ('alpha'), ('beta')");
  for (const status of ['queued', 'processing', 'ready', 'awaiting_upload', 'awaiting_upload', 'expired'])
    await insertImage(admin, { values: { status } });
  await insertImage(admin, { values: { tenant_id: 'beta' }, sql: { deleted_at: 'now()' } });
  await insertImage(admin, {
    values: { tenant_id: 'beta', status: 'awaiting_upload' },
    sql: { ticket_expires_at: "now() - interval '1 second'" },
  });
  const [counting, ...others] = migrations.slice(10);
  // A writer that began before the migration waits for it or commits first, and is counted either way.
  const writer = new pg.Client({ ...server, database: name });
  await writer.connect();
  await writer.query('begin');
  await insertImage(writer);
  const begun = admin.query(counting?.sql ?? '');
  await insertImage(writer);
  await writer.query('commit');
  await begun;
  for (const text of others.flatMap(textsOf)) await admin.query(text);
  await insertImage(writer, { values: { work: 0.5 } });
  await writer.end();
  await admin.query("update backlog_roll_up set rolled_at = rolled_at - interval '1 second'");
  const { total } = await enterDatabase(server, name, 'test').run((connection) =>
    syncBacklog(connection, { environment: 'test' }),
  );
  expect(total).toEqual({ images: 5, work: 4.5, tickets: 2, ticketWork: 2 });
  expect(await summedBacklog(admin)).toEqual(await trueBacklog(admin));
  expect((await admin.query('select * from reconcile_backlog(0)')).rows).toEqual([]);
});

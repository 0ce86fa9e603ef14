import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fill } from '../../../bench/database/fill.ts';
import { faultLines, type Measured, measurePlans } from '../../../bench/database/plans.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';

/** Files with statements of migrations or transactions only, or that run statements of others. */
const asOwner = [
  ...['migrating.ts', 'roles.ts', 'describe-schema.ts', 'transaction.ts', 'snapshot.ts', 'oldest-first.ts'],
];

let database: TestDatabase;
let client: pg.Client;
let plans: Measured[];
beforeAll(async () => {
  database = await createDatabase();
  client = new pg.Client({ ...database, database: database.name });
  await client.connect();
  await fill(client, { images: 200_000, tenants: 1_000, backlog: 20_000, variants: 1 }, () => {});
  await client.query('select reconcile_backlog(0)');
  plans = await measurePlans(client);
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

describe('the plan of each statement, among 200,000 images', () => {
  it('no plan scans a table, or sorts, reads or looks up ten times as many rows as it returns', () => {
    expect(faultLines(plans)).toEqual([]);
  });

  it('the functions and triggers that count the backlog, whose plans are inside, scan no images', async () => {
    await client.query("update backlog_roll_up set rolled_at = rolled_at - interval '1 second'");
    const { rows: queued } = await client.query("select id from image where status = 'queued' limit 10");
    for (const statement of [
      `update image set deleted_at = now() where id in ('${queued.map(({ id }) => id).join("', '")}')`,
      "select from sync_backlog('one', null, null)",
      'select from reconcile_backlog(0)',
    ]) {
      // The server counts scans within the transaction, and those before it until it has reported them.
      await client.query('select pg_stat_force_next_flush()');
      await client.query('begin');
      await client.query(statement);
      const { rows } = await client.query(
        `select relname as table, seq_scan as scans from pg_stat_xact_user_tables where relname in ('image', 'variant') and seq_scan > 0`,
      );
      const { rows: read } = await client.query(
        "select idx_tup_fetch as fetched from pg_stat_xact_user_tables where relname = 'image'",
      );
      await client.query('rollback');
      const what = statement.slice(0, 40);
      expect(rows, what).toEqual([]);
      // At most the backlog, once an hour; otherwise the few that have waited longest.
      expect(Number(read[0]?.fetched ?? 0), what).toBeLessThanOrEqual(
        statement.includes('reconcile') ? 20_000 : 100,
      );
    }
  });

  it('plans cover every function with a statement, each filter, and first and later pages', () => {
    const folder = join(import.meta.dirname, '../../../lambda/postgres');
    const statement = /^export (?:async )?function (\w+)\(\s*connection: Connection,/gm;
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
      (file) => file.endsWith('.ts') && !asOwner.includes(basename(file)),
    );
    const named = files.flatMap((file) =>
      [...readFileSync(join(folder, file), 'utf8').matchAll(statement)].map(([, name]) => name ?? ''),
    );
    expect(named.length).toBeGreaterThan(20);
    expect([...new Set(plans.map(({ name }) => name))].sort()).toEqual([...new Set(named)].sort());
    expect(plans.length).toBeGreaterThan(70);
  });
});

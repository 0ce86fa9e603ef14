import { createHash, randomBytes } from 'node:crypto';
import pg from 'pg';
import { expect, inject } from 'vitest';
import { apply } from '../../../lambda/migrate/apply.ts';
import type { Migration } from '../../../lambda/migrate/migrations.ts';
import type { Database } from '../../../lambda/postgres/connection/connection.ts';
import {
  alone,
  appliedMigrations,
  prepareMigrationTable,
} from '../../../lambda/postgres/schema/migrating.ts';
import { enterDatabase } from '../../support/enter-database.ts';
import { patience } from '../../support/pace.ts';
import { recordingLog } from '../process/test-worker.ts';

export const migration = (sql: string): Migration => ({
  number: 1,
  name: '000001_test.sql',
  sql,
  sha256: createHash('sha256').update(sql).digest('hex'),
});
export const outside = (sql: string) => migration(`-- Runs outside a transaction.\n${sql}`);
export const lockPatience = { lockTimeoutMs: 100, pauseMs: 20 };

/** A database with one table, `busy`, that is written to and migrated at the same time. */
export async function openBusyTable() {
  const server = inject('postgres');
  const name = `size_${randomBytes(6).toString('hex')}`;
  const log = recordingLog();
  const opened: { end(): Promise<void> }[] = [];
  const client = async (database = name): Promise<pg.Client> => {
    const one = new pg.Client({ ...server, database });
    one.on('error', () => {});
    await one.connect();
    opened.push(one);
    return one;
  };
  const outer = await client(server.database);
  await outer.query(`create database ${name}`);
  const admin = await client();
  await admin.query(`create table busy (id int primary key, value int not null default 0);
    insert into busy select * from generate_series(1, 20000)`);

  /** A database connection for a migration. */
  const enter = (): Database => {
    const database = enterDatabase(server, name, 'migrating');
    opened.push({ end: () => database.close() });
    return database;
  };

  return {
    name,
    admin,
    log,
    client,
    enter,
    run: (one: Migration, signal?: AbortSignal) =>
      enter().run(
        (connection) =>
          alone(connection, async () => {
            await prepareMigrationTable(connection);
            await apply(connection, one, lockPatience, log);
          }),
        signal === undefined ? {} : { signal },
      ),
    applied: () => enter().run(appliedMigrations),
    async indexes() {
      const { rows } = await admin.query(
        "select c.relname as name, indisvalid as valid from pg_index join pg_class c on c.oid = indexrelid where c.relname like 'busy_v%'",
      );
      return rows;
    },
    /** Sessions that satisfy a condition. */
    async sessions(condition: string): Promise<number[]> {
      const { rows } = await admin.query<{ pid: number }>(
        `select pid from pg_stat_activity where datname = $1 and pid <> pg_backend_pid() and ${condition}`,
        [name],
      );
      return rows.map(({ pid }) => pid);
    },
    /** The process of a migration that waits for a lock. */
    async waiting(): Promise<number> {
      const found = () => this.sessions("application_name = 'migrating' and wait_event_type = 'Lock'");
      await expect.poll(found, { timeout: patience(30_000) }).toHaveLength(1);
      return (await found())[0] ?? 0;
    },
    /**
     * Inserts, updates and reads without a pause. No statement of it waits for a lock longer than `forMs`: Postgres
     * itself would end it, and the error would be reported here.
     */
    async load(forMs: number) {
      const failures: unknown[] = [];
      let over = false;
      let done = 0;
      const loops = [1, 2, 3].map(async (place) => {
        const mine = await client();
        await mine.query(`set lock_timeout = '${forMs}ms'`);
        for (let n = 0; !over; n += 1) {
          try {
            const id = 1_000_000 * place + n;
            await mine.query('insert into busy (id, value) values ($1, $1)', [id]);
            await mine.query('update busy set value = value + 1 where id = $1', [1 + (n % 19_000)]);
            await mine.query('select * from busy where id = $1', [id]);
            done += 3;
          } catch (error) {
            failures.push(error);
          }
        }
      });
      return {
        failures,
        more() {
          const before = done;
          return expect.poll(() => done, { timeout: patience(30_000) }).toBeGreaterThan(before + 30);
        },
        async stop() {
          over = true;
          await Promise.all(loops);
        },
      };
    },
    async close() {
      for (const one of opened.splice(1).reverse()) await one.end();
      await outer.query(`drop database ${name} with (force)`);
      await outer.end();
    },
  };
}

import { createHash, randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { apply } from '../../../lambda/migrate/apply.ts';
import { type Migration, MigrationMistake } from '../../../lambda/migrate/migrations.ts';
import type { Connection, Database } from '../../../lambda/postgres/connection.ts';
import { alone, appliedMigrations, prepareMigrationTable } from '../../../lambda/postgres/migrating.ts';
import { openOnDemand } from '../../../lambda/postgres/on-demand.ts';
import { keepingLog } from '../process/workshop.ts';

/*
 * Migrations on a table that is large or in use: what they take from whoever works with it is a second at the most,
 * and a kill in the middle costs nothing but time.
 */

let admin: pg.Client;
let name: string;
let log: ReturnType<typeof keepingLog>;
const opened: { end(): Promise<void> }[] = [];
const client = async (): Promise<pg.Client> => {
  const { host, port, user, password } = inject('postgres');
  const one = new pg.Client({ host, port, user, password, database: name });
  one.on('error', () => {});
  await one.connect();
  opened.push(one);
  return one;
};
/** The way in of a migration of its own. */
const enter = (): Database => {
  const { host, port, user, password } = inject('postgres');
  const database = openOnDemand({
    environment: {
      DATABASE_HOST: host,
      DATABASE_PORT: port,
      DATABASE_NAME: name,
      DATABASE_USER: user,
      DATABASE_AUTH: 'password',
      DATABASE_TLS: 'off',
    },
    password: async () => password,
    applicationName: 'migrating',
  });
  opened.push({ end: () => database.close() });
  return database;
};
beforeEach(async () => {
  const server = new pg.Client(inject('postgres'));
  await server.connect();
  name = `size_${randomBytes(6).toString('hex')}`;
  await server.query(`create database ${name}`);
  opened.push({
    end: async () => {
      await server.query(`drop database ${name} with (force)`);
      await server.end();
    },
  });
  log = keepingLog();
  admin = await client();
  await admin.query(`create table busy (id int primary key, value int not null default 0);
    insert into busy select * from generate_series(1, 20000)`);
});
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.end();
});

const migration = (sql: string): Migration => ({
  number: 1,
  name: '000001_test.sql',
  sql,
  sha256: createHash('sha256').update(sql).digest('hex'),
});
const outside = (sql: string) => migration(`-- Runs outside a transaction.\n${sql}`);
const index = outside('create index concurrently if not exists busy_value on busy (value);');
const patience = { lockTimeoutMs: 100, pauseMs: 20 };
/** A timer of a busy machine fires late; without a limit at all the wait is as long as the query that is waited for. */
const slack = 10;
const ready = (connection: Connection) => prepareMigrationTable(connection);
const run = (one: Migration, database = enter()) =>
  database.run((connection) =>
    alone(connection, async () => {
      await ready(connection);
      await apply(connection, one, patience, log);
    }),
  );
const applied = () => enter().run(appliedMigrations);
const indexes = async () =>
  (
    await admin.query(
      "select c.relname as name, indisvalid as valid from pg_index join pg_class c on c.oid = indexrelid where c.relname like 'busy_v%'",
    )
  ).rows;
/** The process of the migration while it waits for what others hold. */
const waiting = async (): Promise<number> => {
  let pid = 0;
  await expect
    .poll(
      async () => {
        const { rows } = await admin.query(
          "select pid from pg_stat_activity where datname = $1 and application_name = 'migrating' and wait_event_type = 'Lock'",
          [name],
        );
        pid = rows[0]?.pid ?? 0;
        return pid;
      },
      { timeout: 30_000 },
    )
    .toBeGreaterThan(0);
  return pid;
};

/**
 * Inserts, updates and reads without a pause. No statement of it waits for a lock longer than `forMs`: Postgres itself
 * would end it, and it would be told here.
 */
async function load(forMs: number) {
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
        await mine.query('update busy set value = value + 1 where id = $1', [1 + (n % 20_000)]);
        await mine.query('select * from busy where id = $1', [id]);
        done += 3;
      } catch (error) {
        failures.push(error);
      }
    }
  });
  const more = () => {
    const before = done;
    return expect.poll(() => done, { timeout: 30_000 }).toBeGreaterThan(before + 30);
  };
  return {
    failures,
    more,
    stop: async () => {
      over = true;
      await Promise.all(loops);
    },
  };
}

describe('a migration of a table in use', () => {
  it('waits for a long query in short turns, and nobody waits behind it for longer', async () => {
    const reader = await client();
    await reader.query('begin; select count(*) from busy');
    const { failures, more, stop } = await load(slack * patience.lockTimeoutMs);
    const change = run(migration('alter table busy add column more int'));
    // It has been refused several times, and the others work.
    await expect.poll(() => log.lines.length >= 3 || failures.length > 0, { timeout: 60_000 }).toBe(true);
    await more();
    expect(await applied()).toEqual([]);
    await reader.query('commit');
    await change;
    await more();
    await stop();
    expect(failures).toEqual([]);
    expect(log.lines[0]).toMatchObject({
      level: 'warn',
      fields: { migration: '000001_test.sql', attempt: 1 },
    });
    expect((await applied()).map((one) => one.name)).toEqual(['000001_test.sql']);
    expect((await admin.query('select more from busy limit 1')).rowCount).toBe(1);
  });

  it('builds an index while others write, none of whom waits', async () => {
    // The write stays open: an index in a transaction would wait for it, and all other writes behind that.
    const writer = await client();
    await writer.query('begin; update busy set value = 7 where id = 20000');
    const { failures, more, stop } = await load(patience.lockTimeoutMs);
    const change = run(index);
    await waiting();
    await more();
    await writer.query('commit');
    await change;
    await stop();
    expect(failures).toEqual([]);
    expect(await indexes()).toEqual([{ name: 'busy_value', valid: true }]);
  });

  it('gives way to a deadlock and tries again', async () => {
    await admin.query('create table other (id int)');
    const holder = await client();
    await holder.query('begin; lock table other');
    const change = run(
      migration('lock table busy in share mode; lock table other; alter table other add more int'),
    );
    await expect.poll(() => log.lines.length, { timeout: 30_000 }).toBeGreaterThan(0);
    await holder.query('commit');
    await change;
    expect((await applied()).length).toBe(1);
  });
});

describe('a kill in the middle', () => {
  it('of an index leaves an invalid one, which the next migration builds anew', async () => {
    const writer = await client();
    await writer.query('begin; update busy set value = 7 where id = 1');
    const killed = expect(run(index)).rejects.toMatchObject({ code: 'database_away' });
    await admin.query('select pg_terminate_backend($1)', [await waiting()]);
    await killed;
    await writer.query('commit');
    expect(await indexes()).toEqual([{ name: 'busy_value', valid: false }]);
    expect(await applied()).toEqual([]);
    await run(index);
    expect(await indexes()).toEqual([{ name: 'busy_value', valid: true }]);
    expect((await applied()).length).toBe(1);
  });

  it('between two of its statements goes on with the second', async () => {
    const both = outside(`-- A reason.
      create index concurrently if not exists busy_value on busy (value) where value > 0;
      create unique index concurrently if not exists busy_vid
        on busy (id, value);`);
    await admin.query('create index busy_value on busy (value) where value > 0');
    await run(both);
    expect((await indexes()).map((one) => one.valid)).toEqual([true, true]);
  });

  it('of the client alone lets the server complete the index, and the next migration finds it', async () => {
    const writer = await client();
    await writer.query('begin; update busy set value = 7 where id = 1');
    const abort = new AbortController();
    const first = enter();
    const cut = first.run(
      (connection) =>
        alone(connection, async () => {
          await ready(connection);
          await apply(connection, index, patience, log);
        }),
      { signal: abort.signal },
    );
    await waiting();
    abort.abort();
    await expect(cut).rejects.toMatchObject({ code: 'database_away' });
    const next = run(index);
    await writer.query('commit');
    await next;
    expect(await indexes()).toEqual([{ name: 'busy_value', valid: true }]);
    expect((await applied()).length).toBe(1);
  });
});

describe('a client that is gone', () => {
  it('takes the transaction of its migration with it', async () => {
    const abort = new AbortController();
    const cut = enter().run(
      async (connection) => {
        await ready(connection);
        await apply(connection, migration('lock table busy; select pg_sleep(600)'), patience, log);
      },
      { signal: abort.signal },
    );
    const locked = async () =>
      (
        await admin.query(
          "select from pg_locks where relation = 'busy'::regclass and mode = 'AccessExclusiveLock'",
        )
      ).rowCount;
    await expect.poll(locked, { timeout: 30_000 }).toBe(1);
    abort.abort();
    await expect(cut).rejects.toMatchObject({ code: 'database_away' });
    await expect.poll(locked, { timeout: 30_000 }).toBe(0);
  });
});

describe('two migrations at once', () => {
  it('do not wait for each other for ever where one builds an index', async () => {
    const writer = await client();
    await writer.query('begin; update busy set value = 7 where id = 1');
    const first = run(index);
    await waiting();
    let got = false;
    const second = enter().run((connection) =>
      alone(connection, async () => {
        got = true;
      }),
    );
    await expect
      .poll(
        async () =>
          (
            await admin.query(
              "select from pg_stat_activity where datname = $1 and query like '%advisory_lock%' and pid <> pg_backend_pid()",
              [name],
            )
          ).rowCount,
        { timeout: 30_000 },
      )
      .toBeGreaterThan(0);
    expect(got).toBe(false);
    await writer.query('commit');
    await Promise.all([first, second]);
    expect(got).toBe(true);
    expect(log.lines).toEqual([]);
  });
});

describe('outside a transaction', () => {
  it.each([
    'update busy set value = 1',
    'create index concurrently busy_value on busy (value)',
    'drop table busy',
  ])('nothing runs that could not be repeated: %s', async (sql) => {
    const refused = await run(outside(`${sql};`)).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(MigrationMistake);
    expect(String(refused)).toContain('000001_test.sql');
    expect(await applied()).toEqual([]);
  });
});

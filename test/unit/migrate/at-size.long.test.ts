import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MigrationMistake } from '../../../lambda/migrate/migrations.ts';
import { alone } from '../../../lambda/postgres/schema/migrating.ts';
import { patience } from '../../support/pace.ts';
import { lockPatience, migration, openBusyTable, outside } from './busy-table.ts';

/*
 * Migrations on a table that is large or in use block other sessions for at most a second, and a killed one costs only
 * time.
 */

let table: Awaited<ReturnType<typeof openBusyTable>>;
beforeEach(async () => {
  table = await openBusyTable();
});
afterEach(() => table.close());

const index = outside('create index concurrently if not exists busy_value on busy (value);');
/** Timers fire late on a busy machine. Without a limit the wait would be as long as the other query. */
const slack = 10;

describe('a migration of a table in use', () => {
  it('waits for a long query in short turns, which block others for at most one turn', async () => {
    const reader = await table.client();
    await reader.query('begin; select count(*) from busy');
    const { failures, more, stop } = await table.load(slack * lockPatience.lockTimeoutMs);
    const change = table.run(migration('alter table busy add column more int'));
    // It has been refused several times, and the others work.
    await expect
      .poll(() => table.log.lines.length >= 3 || failures.length > 0, { timeout: patience(30_000) })
      .toBe(true);
    await more();
    expect(await table.applied()).toEqual([]);
    await reader.query('commit');
    await change;
    await more();
    await stop();
    expect(failures).toEqual([]);
    expect(table.log.lines[0]).toMatchObject({
      level: 'warn',
      fields: { migration: '000001_test.sql', attempt: 1 },
    });
    // Names the blocking session, for operators without database access.
    expect(table.log.lines[0]?.fields?.open).toContainEqual(
      expect.objectContaining({ state: 'idle in transaction', query: 'begin; select count(*) from busy' }),
    );
    expect((await table.applied()).map((one) => one.name)).toEqual(['000001_test.sql']);
    expect((await table.admin.query('select more from busy limit 1')).rowCount).toBe(1);
  });

  it('builds an index without blocking writers', async () => {
    // The write stays open: an index in a transaction would wait for it, and all other writes behind that.
    const writer = await table.client();
    await writer.query('begin; update busy set value = 7 where id = 20000');
    const { failures, more, stop } = await table.load(lockPatience.lockTimeoutMs);
    const change = table.run(index);
    await table.waiting();
    await more();
    await writer.query('commit');
    await change;
    await stop();
    expect(failures).toEqual([]);
    expect(await table.indexes()).toEqual([{ name: 'busy_value', valid: true }]);
  });

  it('releases its locks if it does not get the next one, so that there is no deadlock', async () => {
    await table.admin.query('create table other (id int)');
    const holder = await table.client();
    await holder.query('begin; lock table other');
    const change = table.run(
      migration('lock table busy in share mode; lock table other; alter table other add more int'),
    );
    await expect.poll(() => table.log.lines.length, { timeout: patience(30_000) }).toBeGreaterThan(0);
    // It holds the one and waits for the other; this is the other way round.
    await holder.query('lock table busy');
    await holder.query('commit');
    await change;
    expect((await table.applied()).length).toBe(1);
  });
});

describe('a killed migration', () => {
  it('leaves an invalid index, which the next migration rebuilds', async () => {
    const writer = await table.client();
    await writer.query('begin; update busy set value = 7 where id = 1');
    const killed = expect(table.run(index)).rejects.toMatchObject({ code: 'database_unavailable' });
    await table.admin.query('select pg_terminate_backend($1)', [await table.waiting()]);
    await killed;
    await writer.query('commit');
    expect(await table.indexes()).toEqual([{ name: 'busy_value', valid: false }]);
    expect(await table.applied()).toEqual([]);
    await table.run(index);
    expect(await table.indexes()).toEqual([{ name: 'busy_value', valid: true }]);
    expect((await table.applied()).length).toBe(1);
  });

  it('continues with the second statement after a kill between the two', async () => {
    const both = outside(`-- A reason.
      create index concurrently if not exists busy_value on busy (value) where value > 0;
      create unique index concurrently if not exists busy_vid
        on busy (id, value);`);
    await table.admin.query('create index busy_value on busy (value) where value > 0');
    await table.run(both);
    expect((await table.indexes()).map((one) => one.valid)).toEqual([true, true]);
  });

  it('lets the server complete an index if only the client was killed', async () => {
    const writer = await table.client();
    await writer.query('begin; update busy set value = 7 where id = 1');
    const abort = new AbortController();
    const cut = table.run(index, abort.signal);
    await table.waiting();
    abort.abort();
    await expect(cut).rejects.toMatchObject({ code: 'database_unavailable' });
    const next = table.run(index);
    await writer.query('commit');
    await next;
    expect(await table.indexes()).toEqual([{ name: 'busy_value', valid: true }]);
    expect((await table.applied()).length).toBe(1);
  });
});

describe('a lost client', () => {
  it('ends the transaction of its migration', async () => {
    const abort = new AbortController();
    const cut = table.run(migration('lock table busy; select pg_sleep(600)'), abort.signal);
    const locked = async () =>
      (
        await table.admin.query(
          "select from pg_locks where relation = 'busy'::regclass and mode = 'AccessExclusiveLock'",
        )
      ).rowCount;
    await expect.poll(locked, { timeout: patience(30_000) }).toBe(1);
    abort.abort();
    await expect(cut).rejects.toMatchObject({ code: 'database_unavailable' });
    await expect.poll(locked, { timeout: patience(30_000) }).toBe(0);
  });
});

describe('two migrations at once', () => {
  it('do not deadlock if one builds an index', async () => {
    const writer = await table.client();
    await writer.query('begin; update busy set value = 7 where id = 1');
    const first = table.run(index);
    await table.waiting();
    let got = false;
    const second = table.enter().run((connection) =>
      alone(connection, async () => {
        got = true;
      }),
    );
    await expect
      .poll(() => table.sessions("query like '%advisory_lock%'"), { timeout: patience(30_000) })
      .not.toEqual([]);
    expect(got).toBe(false);
    await writer.query('commit');
    await Promise.all([first, second]);
    expect(got).toBe(true);
    expect(table.log.lines).toEqual([]);
  });
});

describe('outside a transaction', () => {
  it.each([
    'update busy set value = 1',
    'create index concurrently busy_value on busy (value)',
    'drop table busy',
  ])('a statement that cannot be repeated is rejected: %s', async (sql) => {
    const refused = await table.run(outside(`${sql};`)).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(MigrationMistake);
    expect(String(refused)).toContain('000001_test.sql');
    expect(await table.applied()).toEqual([]);
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { patience } from '../../support/pace.ts';
import { clearBacklog, openSession, rollUp, summedBacklog, sync, trueBacklog } from './backlog-state.ts';
import { insertImage, openTestDb, type TestDb } from './rows.ts';

let db: TestDb;
beforeAll(async () => {
  db = await openTestDb();
});
afterAll(() => db.close());
beforeEach(() => clearBacklog(db));

const deltas = async () => (await db.admin.query('select * from work_delta')).rows;

describe('twenty environments at once', () => {
  it('roll up once, and none waits for the one that does', async () => {
    await db.admin.query(`create table rolled (at timestamptz);
      create function note_roll_up() returns trigger language plpgsql security definer as
        $$ begin insert into public.rolled values (new.rolled_at); return null; end $$;
      create trigger note_roll_up after update on backlog_roll_up for each row
        when (new.rolled_at > old.rolled_at) execute function note_roll_up()`);
    await db.admin.query("update backlog_roll_up set rolled_at = rolled_at - interval '10 seconds'");
    await insertImage(db.admin);
    const all = Array.from({ length: 20 }, (_, n) => `environment-${n}`);
    await Promise.all(all.map((name) => sync(db, name)));
    // Once, or on a slow machine once a second.
    const { rows: rolled } = await db.admin.query<{ soon: boolean }>(
      "select at - lag(at) over (order by at) < interval '0.9 seconds' as soon from rolled",
    );
    expect(rolled.length).toBeGreaterThan(0);
    expect(rolled.filter(({ soon }) => soon)).toEqual([]);
    // One that takes long: the others read what is there.
    const roller = await openSession(db);
    await roller.query(
      'begin; select pg_advisory_xact_lock(7358202); lock table tenant_backlog, work_delta in row exclusive mode',
    );
    await db.admin.query("update backlog_roll_up set rolled_at = rolled_at - interval '1 second'");
    await insertImage(db.admin);
    const during = await Promise.all(all.map((name) => sync(db, name, { turns: Buffer.from(name) })));
    expect(during.map(({ total }) => total.images)).toEqual(all.map(() => 1));
    await roller.query('commit');
    await roller.end();
    expect((await sync(db, 'one')).total.images).toBe(2);
    await db.admin.query('drop trigger note_roll_up on backlog_roll_up');
  });

  it('lose nothing if the one that rolls up dies', async () => {
    await insertImage(db.admin);
    await rollUp(db);
    await insertImage(db.admin);
    const before = (await deltas()).length;
    const holder = await openSession(db);
    await holder.query("begin; select from tenant_backlog where tenant_id = 'alpha' for update");
    const cut = expect(rollUp(db)).rejects.toMatchObject({ code: 'database_unavailable' });
    const waiting = async () =>
      (
        await db.admin.query(
          `select pid from pg_stat_activity
           where datname = current_database() and query like '%sync_backlog%' and wait_event_type = 'Lock'`,
        )
      ).rows;
    await expect.poll(waiting, { timeout: patience(30_000) }).toHaveLength(1);
    await db.admin.query('select pg_terminate_backend($1)', [(await waiting())[0].pid]);
    await cut;
    await holder.query('rollback');
    await holder.end();
    expect(await deltas()).toHaveLength(before);
    expect((await rollUp(db)).total.images).toBe(2);
  });

  it('and writers lose nothing, whoever commits when', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 60; n += 1) ids.push(await insertImage(db.admin));
    let writing = true;
    const roll = async () => {
      while (writing) await rollUp(db);
    };
    const write = async (mine: readonly string[]) => {
      const client = await openSession(db);
      for (const id of mine) {
        await client.query('begin');
        await client.query("update image set status = 'processing' where id = $1", [id]);
        await insertImage(client, { values: { tenant_id: 'beta', status: 'awaiting_upload', work: 0.1 } });
        await client.query('commit');
        await client.query("update image set status = 'ready' where id = $1", [id]);
      }
      await client.end();
    };
    const rolling = [roll(), roll()];
    await Promise.all([0, 1, 2, 3].map((n) => write(ids.filter((_, place) => place % 4 === n))));
    writing = false;
    await Promise.all(rolling);
    await rollUp(db);
    expect(await trueBacklog(db.admin)).toMatchObject([{ tenant: 'beta', images: 0, tickets: 60 }]);
    expect(await summedBacklog(db.admin)).toEqual(await trueBacklog(db.admin));
  });
});

describe('turns', () => {
  it('reach every other environment once, in whatever order they commit', async () => {
    const first = await sync(db, 'reader');
    const late = await openSession(db);
    await late.query('begin');
    await late.query("select from sync_backlog('late', 'one', null)");
    await sync(db, 'early', { turns: Buffer.from('two') });
    await sync(db, 'reader', { turns: Buffer.from('own') });
    const second = await sync(db, 'reader', { seen: first.seen });
    expect(second.turns).toEqual([{ environment: 'early', bytes: Buffer.from('two') }]);
    await late.query('commit');
    await late.end();
    const third = await sync(db, 'reader', { seen: second.seen });
    expect(third.turns).toEqual([{ environment: 'late', bytes: Buffer.from('one') }]);
    expect((await sync(db, 'reader', { seen: third.seen })).turns).toEqual([]);
  });

  it('are heard by an environment that starts half a minute later, and removed ten seconds after', async () => {
    await sync(db, 'one', { turns: Buffer.from('old') });
    await db.admin.query("update backlog_turns set made_at = made_at - interval '30 seconds'");
    await rollUp(db);
    expect((await sync(db, 'new')).turns).toEqual([{ environment: 'one', bytes: Buffer.from('old') }]);
    await db.admin.query("update backlog_turns set made_at = made_at - interval '10 seconds'");
    await sync(db, 'two', { turns: Buffer.from('new') });
    await rollUp(db);
    expect((await db.admin.query('select environment from backlog_turns')).rows).toEqual([
      { environment: 'two' },
    ]);
  });
});

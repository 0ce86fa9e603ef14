import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { TransientFailure } from '../../../lambda/domain/failure.ts';
import {
  connect,
  type Database,
  type DatabaseOptions,
} from '../../../lambda/postgres/connection/connection.ts';
import { openOnDemand } from '../../../lambda/postgres/connection/on-demand.ts';
import { keepOpen } from '../../../lambda/postgres/connection/persistent-connection.ts';
import { patience } from '../../support/pace.ts';
import { openTestDb, sessions, type TestDb } from './rows.ts';
import { layWire } from './wire.ts';

let db: TestDb;
beforeAll(async () => {
  db = await openTestDb();
  await db.admin.query('create table note (text text primary key)');
});
afterAll(() => db.close());
afterEach(() => db.admin.query('truncate note'));

const away = { name: 'TransientFailure', code: 'database_unavailable' };
const slow = { name: 'TransientFailure', code: 'statement_timeout' };
const at = (port: number): DatabaseOptions => {
  const options = db.options();
  return { ...options, environment: { ...options.environment, DATABASE_PORT: port } };
};
const note = (text: string) => ['insert into note values ($1)', [text]] as const;
const notes = async () =>
  (await db.admin.query('select text from note order by 1')).rows.map(({ text }) => text);
const endAll = () =>
  db.admin.query(
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  );

describe('one connection', () => {
  it('a connection returns counts and sizes as numbers', async () => {
    const connection = await connect(db.options());
    const { rows, rowCount } = await connection.query('select 5000000000::int8 as big, count(*) from note');
    expect(rows).toEqual([{ big: 5_000_000_000, count: 0 }]);
    expect(rowCount).toBe(1);
    await connection.close();
  });

  it('a closed connection has freed its slot on the server', async () => {
    for (let round = 0; round < 5; round += 1) {
      const connection = await connect(db.options());
      expect(await sessions(db.admin)).toBe(1);
      await connection.close();
      expect(await sessions(db.admin)).toBe(0);
    }
  });

  it('a failed connect names host and port and the rule that may be missing, and the error of the system for a refusal', async () => {
    const silent = createServer((socket) => socket.resume()).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const { host } = new URL(`tcp://${at(port).environment.DATABASE_HOST}:${port}`);
    await expect(connect({ ...at(port), connectTimeoutMs: 50 })).rejects.toMatchObject({
      ...away,
      message: `database_unavailable: no connection to ${host} (timeout expired). Does its security group let that of this function in on tcp ${port}?`,
    });
    silent.close();
    await once(silent, 'close');
    await expect(connect(at(port))).rejects.toThrow(`no connection to ${host} (connect ECONNREFUSED`);
  });

  it('a faulty statement is told apart from an unavailable server', async () => {
    const connection = await connect(db.options());
    await connection.query(...note('once'));
    await expect(connection.query(...note('once'))).rejects.toMatchObject({ code: '23505' });
    await expect(connection.query('selekt')).rejects.toMatchObject({ code: '42601' });
    expect(connection.usable).toBe(true);
    await endAll();
    await expect(connection.query('select 1')).rejects.toMatchObject(away);
    expect(connection.usable).toBe(false);
  });

  it('a statement fails as transient when its backend is terminated', async () => {
    const connection = await connect(db.options());
    const sleeping = expect(connection.query('select pg_sleep(30)')).rejects.toMatchObject(away);
    await expect
      .poll(
        async () =>
          (
            await db.admin.query(
              "select 1 from pg_stat_activity where datname = current_database() and query like 'select pg_sleep%'",
            )
          ).rowCount,
      )
      .toBe(1);
    await endAll();
    await sleeping;
  });

  it('a statement does not run longer than its limit', async () => {
    const connection = await connect({ ...db.options(), statementTimeoutMs: patience(500) });
    await expect(connection.query('select pg_sleep(30)')).rejects.toMatchObject(slow);
    // The server works: it does not count as unavailable, and the session continues.
    expect(connection.usable).toBe(true);
    expect((await connection.query('select 1')).rowCount).toBe(1);
    await connection.close();
  });

  it('a connection leaves the limit of a statement to its role, and the server enforces it', async () => {
    await db.admin.query("create role hasty login password 'hasty'");
    await db.admin.query("alter role hasty set statement_timeout = '50ms'");
    const connection = await connect({ ...db.options('hasty'), password: async () => 'hasty' });
    await expect(connection.query('select pg_sleep(30)')).rejects.toMatchObject(slow);
    await connection.close();
    await db.admin.query('drop role hasty');
  });

  it('a connect fails as transient if no server listens', async () => {
    await expect(connect(at(1))).rejects.toMatchObject(away);
  });

  it('a connect fails as transient if the password is wrong, without naming it', async () => {
    const failure: unknown = await connect({
      ...db.options('sluice_api'),
      password: async () => 'hush-hush',
    }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TransientFailure);
    expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain('hush-hush');
  });
});

describe('when all connections of a role are taken', () => {
  beforeAll(async () => {
    await db.admin.query("create role crowded login password 'crowded' connection limit 1");
  });
  afterAll(() => db.admin.query('drop role crowded'));
  const crowded = (patienceMs: number) => ({
    ...db.options('crowded'),
    password: async () => 'crowded',
    patienceMs,
  });

  it('a connect waits for a free connection slot', async () => {
    const first = await connect(crowded(0));
    let tries = 0;
    const second = connect({
      ...crowded(10_000),
      password: async () => {
        tries += 1;
        return 'crowded';
      },
    });
    // A second try follows a refusal.
    await Promise.race([second, expect.poll(() => tries).toBeGreaterThan(1)]);
    await first.close();
    await (await second).close();
  });

  it('a connect gives up when its patience ends', async () => {
    const first = await connect(crowded(0));
    await expect(connect(crowded(100))).rejects.toMatchObject({
      ...away,
      message: 'database_unavailable: 53300',
    });
    await first.close();
  });
});

describe('a database on demand', () => {
  const pid = (database: Database) =>
    database.run(async (connection) => {
      const { rows } = await connection.query<{ pid: number }>('select pg_backend_pid() as pid');
      return rows[0]?.pid;
    });

  it('a database on demand holds no connection once it is closed, whatever came before', async () => {
    const database = openOnDemand({ ...db.options(), lingerMs: 60_000 });
    expect(await database.run(() => sessions(db.admin))).toBe(1);
    await database.close();
    expect(await sessions(db.admin)).toBe(0);
    await expect(database.run(() => Promise.reject(new Error('mine')))).rejects.toThrow('mine');
    await database.close();
    expect(await sessions(db.admin)).toBe(0);
  });

  it('a call that closes the connection returns after the slot is free', async () => {
    const database = openOnDemand({ ...db.options(), lingerMs: 0 });
    const left: number[] = [];
    for (let call = 0; call < 20; call += 1) {
      await pid(database);
      left.push(await sessions(db.admin));
    }
    expect(left).toEqual(Array(20).fill(0));
  });

  it('the calls of one stretch of work share one connection, one after the other', async () => {
    const database = openOnDemand({ ...db.options(), lingerMs: 60_000 });
    const pids = await Promise.all([pid(database), pid(database), pid(database)]);
    expect(new Set([...pids, await pid(database)]).size).toBe(1);
    await database.close();
  });

  it('a database on demand disconnects after a pause, and the next call reconnects', async () => {
    const database = openOnDemand({ ...db.options(), lingerMs: 20 });
    const first = await pid(database);
    await expect.poll(() => sessions(db.admin)).toBe(0);
    expect(await pid(database)).not.toBe(first);
    await database.close();
  });

  it('a connection that idled too long is not reused, as after a freeze whose timer has not fired', async () => {
    const database = openOnDemand({ ...db.options(), lingerMs: 10 });
    const first = await pid(database);
    // As a freeze does: time passes, and no timer fires before the next call.
    const frozenUntil = Date.now() + 50;
    while (Date.now() < frozenUntil);
    expect(await pid(database)).not.toBe(first);
    await database.close();
  });

  it('a transaction is rolled back if it fails and committed if it does not', async () => {
    const database = openOnDemand(db.options());
    await database.transaction((connection) => connection.query(...note('kept')));
    await expect(
      database.transaction(async (connection) => {
        await connection.query(...note('lost'));
        throw new Error('mine');
      }),
    ).rejects.toThrow('mine');
    expect(await notes()).toEqual(['kept']);
    await database.close();
  });
});

describe('a persistent connection', () => {
  it('a persistent database uses one connection for all calls', async () => {
    const database = keepOpen(db.options());
    const pid = () =>
      database.run((connection) => connection.query<{ pid: number }>('select pg_backend_pid() as pid'));
    const pids = await Promise.all([pid(), pid(), pid()]);
    expect(new Set(pids.map(({ rows }) => rows[0]?.pid)).size).toBe(1);
    await database.close();
    expect(await sessions(db.admin)).toBe(0);
  });

  it('a persistent database lets no other call into a transaction', async () => {
    const database = keepOpen(db.options());
    const failing = database.transaction(async (connection) => {
      await connection.query(...note('lost'));
      await connection.query('select pg_sleep(0.05)');
      throw new Error('mine');
    });
    const other = database.run((connection) => connection.query(...note('kept')));
    await expect(failing).rejects.toThrow('mine');
    await other;
    expect(await notes()).toEqual(['kept']);
    await database.close();
  });

  it('a persistent database notices after a pause that the server ended the session, and runs the statement once', async () => {
    const database = keepOpen({ ...db.options(), trustMs: -1 });
    await database.run((connection) => connection.query('select 1'));
    await endAll();
    await database.run((connection) => connection.query(...note('after the end')));
    expect(await notes()).toEqual(['after the end']);
    await database.close();
  });

  it('a persistent database notices after a pause that the server is silent, and reconnects', async () => {
    const wire = await layWire(db.address);
    const database = keepOpen({ ...at(wire.port), trustMs: -1, trialMs: 100 });
    await database.run((connection) => connection.query('select 1'));
    wire.silence();
    await database.run((connection) => connection.query(...note('after the silence')));
    expect(await notes()).toEqual(['after the silence']);
    await database.close();
    await wire.close();
  });

  it('a persistent database does not repeat a statement that may have run, and recovers at the next call', async () => {
    const database = keepOpen({ ...db.options(), trustMs: 60_000 });
    let runs = 0;
    const lost = database.run(async (connection) => {
      runs += 1;
      await connection.query(...note('maybe'));
      await endAll();
      await connection.query('select 1');
    });
    await expect(lost).rejects.toMatchObject(away);
    expect(runs).toBe(1);
    expect((await database.run((connection) => connection.query('select 1'))).rowCount).toBe(1);
    await database.close();
  });
});

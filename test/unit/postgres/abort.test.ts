import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DatabaseOptions } from '../../../lambda/postgres/connection/connection.ts';
import { openOnDemand } from '../../../lambda/postgres/connection/on-demand.ts';
import { keepOpen } from '../../../lambda/postgres/connection/persistent-connection.ts';
import { openTestDb, sessions, type TestDb } from './rows.ts';
import { layWire } from './wire.ts';

let db: TestDb;
let wire: Awaited<ReturnType<typeof layWire>>;
beforeAll(async () => {
  db = await openTestDb();
});
afterAll(() => db.close());
beforeEach(async () => {
  wire = await layWire(db.address);
});
afterEach(() => wire.close());

const away = { name: 'TransientFailure', code: 'database_unavailable' };
const byWire = (): DatabaseOptions => {
  const options = db.options();
  return { ...options, environment: { ...options.environment, DATABASE_PORT: wire.port } };
};
const one = 'select 1 as one';

describe.each([
  ['on demand', openOnDemand],
  ['that keeps its connection', keepOpen],
])('an abort, of a database %s', (_, open) => {
  it('an abort ends a statement without a response, and the next call gets its own connection', async () => {
    const database = open(byWire());
    const abort = new AbortController();
    const call = database.run(
      (connection) => {
        wire.silence();
        const answer = connection.query(one);
        abort.abort();
        return answer;
      },
      { signal: abort.signal },
    );
    await expect(call).rejects.toMatchObject(away);
    expect(await database.run((connection) => connection.query(one))).toMatchObject({ rows: [{ one: 1 }] });
    await database.close();
  });

  it('an abort ends a call whose work waits for something else', async () => {
    const database = open(db.options());
    const abort = new AbortController();
    const call = database.run(
      () => {
        abort.abort();
        return new Promise<never>(() => {});
      },
      { signal: abort.signal },
    );
    await expect(call).rejects.toMatchObject(away);
    await expect.poll(() => sessions(db.admin)).toBe(0);
    // The turn is over too.
    expect((await database.run((connection) => connection.query(one))).rowCount).toBe(1);
    await database.close();
  });

  it('an abort ends the wait for a server that accepts connections and stays silent', async () => {
    wire.silence();
    wire.silenceNew();
    const abort = new AbortController();
    const call = open(byWire()).run((connection) => connection.query(one), { signal: abort.signal });
    await wire.dialled();
    abort.abort();
    await expect(call).rejects.toMatchObject(away);
  });

  it('an abort ends the wait for a turn, and leaves the call before it alone', async () => {
    const database = open(db.options());
    const gate = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const first = database.run(async (connection) => {
      begun.resolve();
      await gate.promise;
      return connection.query(one);
    });
    await begun.promise;
    const abort = new AbortController();
    let ran = false;
    const second = database.run(
      async () => {
        ran = true;
      },
      { signal: abort.signal },
    );
    abort.abort();
    await expect(second).rejects.toMatchObject(away);
    gate.resolve();
    expect((await first).rowCount).toBe(1);
    await database.close();
    expect(ran).toBe(false);
  });

  it('after an abort no call begins', async () => {
    const database = open(db.options());
    const call = database.run(() => Promise.resolve('ran'), { signal: AbortSignal.abort() });
    await expect(call).rejects.toMatchObject(away);
    expect(await sessions(db.admin)).toBe(0);
  });

  it('an abort after the end of a call has no effect', async () => {
    const database = open(db.options());
    const abort = new AbortController();
    const { signal } = abort;
    const pid = 'select pg_backend_pid() as pid';
    const before = await database.run((connection) => connection.query(pid), { signal });
    abort.abort();
    expect(await database.run((connection) => connection.query(pid))).toEqual(before);
    await database.close();
  });

  it('an abort ends a transaction and rolls it back', async () => {
    await db.admin.query('create table if not exists note (text text)');
    const database = open(db.options());
    const abort = new AbortController();
    const call = database.transaction(
      async (connection) => {
        await connection.query("insert into note values ('lost')");
        abort.abort();
        await connection.query(one);
      },
      { signal: abort.signal },
    );
    await expect(call).rejects.toMatchObject(away);
    await expect.poll(() => sessions(db.admin)).toBe(0);
    expect((await db.admin.query('select from note')).rowCount).toBe(0);
  });
});

describe('a connection slot that does not become free', () => {
  it('the wait for a connection slot ends with the abort', async () => {
    await db.admin.query("create role patient login password 'patient' connection limit 0");
    const tries = Promise.withResolvers<void>();
    const abort = new AbortController();
    const database = openOnDemand({
      ...db.options('patient'),
      password: async () => {
        tries.resolve();
        return 'patient';
      },
      patienceMs: 600_000,
    });
    const call = database.run((connection) => connection.query(one), { signal: abort.signal });
    await tries.promise;
    abort.abort();
    await expect(call).rejects.toMatchObject(away);
    await db.admin.query('drop role patient');
  });
});

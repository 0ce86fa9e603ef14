import { setTimeout as pause } from 'node:timers/promises';
import { zstdDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sessionLimits } from '../../../lambda/postgres/connection/role-limits.ts';
import { patience } from '../../support/pace.ts';
import { openTestDb, sessions, type TestDb } from '../postgres/rows.ts';
import { eventuallyEqual, insertKey, stream } from './test-export.ts';

/* 100,000 rows of 1 kB do not fit into the buffers on the way. */

let db: TestDb;
beforeAll(async () => {
  db = await openTestDb();
  await insertKey(db, 'alpha');
  // Those that `migrate` sets on the role, in this database only.
  for (const [name, value] of Object.entries(sessionLimits('sluice_export', { persistent: false }, false)))
    await db.admin.query(`alter role sluice_export in database ${db.address.name} set ${name} = '${value}'`);
  await db.admin.query(`insert into image (id, tenant_id, status, declared_type, declared_bytes, presets, metadata, ticket_expires_at)
    select gen_random_uuid(), 'alpha', 'ready', 'image/jpeg', n, '{small}', jsonb_build_object('text', repeat(md5(n::text), 30)), now()
    from generate_series(1, 100000) n`);
});
afterAll(() => db.close());

const query = { columns: 'id,bytes', metadata: 'text' };
/** Sessions of exports. */
const exporting = async () => {
  // Kept until the end of a transaction.
  await db.admin.query('select pg_stat_clear_snapshot()');
  const { rows } = await db.admin.query(
    `select pid, state, wait_event from pg_stat_activity where application_name = 'test' and datname = current_database()`,
  );
  return rows as { pid: number; state: string; wait_event: string | null }[];
};

it('a session that is killed in the middle cuts the response off, visibly', async () => {
  let bytes = 0;
  const { text, complete, error, metadata } = await stream(db, query, {
    async write(chunk, done) {
      const before = bytes;
      bytes += chunk.length;
      if (before < 1e6 && bytes >= 1e6)
        await db.admin.query('select pg_terminate_backend($1)', [(await exporting())[0]?.pid]);
      done();
    },
  });
  expect(metadata?.statusCode).toBe(200);
  expect(complete).toBe(false);
  expect(error).toMatchObject({ code: 'database_unavailable' });
  expect(text).not.toContain('# complete');
  await eventuallyEqual(() => sessions(db.admin), 0);
});

it('a compressed response that was cut off is no whole file either', async () => {
  let bytes = 0;
  const { bytes: got, complete } = await stream(db, query, {
    headers: { 'accept-encoding': 'zstd' },
    async write(chunk, done) {
      const before = bytes;
      bytes += chunk.length;
      if (before < 5e5 && bytes >= 5e5)
        await db.admin.query('select pg_terminate_backend($1)', [(await exporting())[0]?.pid]);
      done();
    },
  });
  expect(complete).toBe(false);
  expect(() => zstdDecompressSync(got)).toThrow();
});

it.each(['pages', 'consistent'])(
  'a reader that goes away ends the statement and the session (%s)',
  async (snapshot) => {
    let bytes = 0;
    const { complete, error } = await stream(
      db,
      { ...query, snapshot },
      {
        write(chunk, done, body) {
          bytes += chunk.length;
          if (bytes > 2e6) body.destroy();
          done();
        },
      },
    );
    expect(complete).toBe(false);
    expect(error).toBeUndefined();
    await eventuallyEqual(() => sessions(db.admin), 0, 5_000);
    expect((await db.admin.query('select from export_stream')).rowCount).toBe(0);
  },
);

it('the server waits in ClientWrite while the reader takes nothing, and a reader that takes nothing is left', async () => {
  let bytes = 0;
  const waiting = Promise.withResolvers<void>();
  const streamed = stream(db, query, {
    // Counted from the request on: the first rows must come before.
    stalledMs: patience(8_000),
    // One page, so that the rest does not fit into the buffers.
    paging: { leastRows: 200_000, mostRows: 200_000, pageMs: 1, mostBytes: 1e9 },
    write(chunk, done) {
      bytes += chunk.length;
      if (bytes < 6e6) return done();
      waiting.resolve();
    },
  });
  // A stream that ends before says why.
  expect(await Promise.race([waiting.promise, streamed])).toBeUndefined();
  await eventuallyEqual(async () => (await exporting())[0]?.wait_event, 'ClientWrite');
  const { complete, error } = await streamed;
  expect(complete).toBe(false);
  expect(error).toMatchObject({ message: 'the reader took nothing' });
  await eventuallyEqual(() => sessions(db.admin), 0);
});

// Longer than the 10 s after which the sessions of the other roles end.
it.each(['pages', 'consistent'])(
  'a reader that pauses for 15 s gets the whole export (%s)',
  async (snapshot) => {
    let bytes = 0;
    const waits: (string | null | undefined)[] = [];
    const { text, complete, error } = await stream(
      db,
      { ...query, snapshot },
      {
        // One page, so that the server waits in the middle of it.
        paging: { leastRows: 200_000, mostRows: 200_000, pageMs: 1, mostBytes: 1e9 },
        async write(chunk, done) {
          const before = bytes;
          bytes += chunk.length;
          if (before < 4e6 && bytes >= 4e6) {
            await pause(15_000);
            waits.push((await exporting())[0]?.wait_event);
          }
          done();
        },
      },
    );
    expect(error).toBeUndefined();
    expect(waits).toEqual(['ClientWrite']);
    expect(complete).toBe(true);
    expect(text.endsWith('\r\n# complete: 100000 rows,,\r\n')).toBe(true);
  },
);

it('a consistent export outlasts a pause of 15 s between two of its pages', async () => {
  let paused = false;
  const waits: (string | null | undefined)[] = [];
  const { text, complete, error } = await stream(
    db,
    { columns: 'bytes', snapshot: 'consistent' },
    {
      // Pages of some 60 kB: the server has sent one and waits for the next statement.
      paging: { leastRows: 10_000, mostRows: 10_000, pageMs: 1, mostBytes: 1e9 },
      async write(_, done) {
        if (!paused) {
          paused = true;
          await pause(15_000);
          waits.push((await exporting())[0]?.wait_event);
        }
        done();
      },
    },
  );
  expect(error).toBeUndefined();
  expect(waits).toEqual(['ClientRead']);
  expect(complete).toBe(true);
  expect(text.endsWith('\r\n# complete: 100000 rows\r\n')).toBe(true);
});

// Its session ends too, by client_connection_check_interval of its role (session-ends.test.ts).
it('the function ends when its reader goes away before the first row', async () => {
  const gone = new AbortController();
  await db.admin.query('begin');
  await db.admin.query('lock table image in access exclusive mode');
  try {
    const streamed = stream(db, query, { gone });
    await expect
      .poll(async () => (await exporting())[0]?.wait_event, { timeout: patience(10_000) })
      .toBe('relation');
    gone.abort();
    expect(await streamed).toMatchObject({ complete: false, metadata: undefined, error: undefined });
  } finally {
    await db.admin.query('rollback');
  }
  await eventuallyEqual(() => sessions(db.admin), 0);
});

it('an export ends before its invocation does, and says so', async () => {
  // The whole export would take some 900 chunks, nine times as long as it may.
  const pauseMs = patience(50);
  const { complete, error } = await stream(db, query, {
    // 5 s are reserved for the end.
    remainingMs: 5_000 + 100 * pauseMs,
    write(_, done) {
      setTimeout(done, pauseMs);
    },
  });
  expect(complete).toBe(false);
  expect(error).toMatchObject({ name: 'TimeoutError' });
  await eventuallyEqual(() => sessions(db.admin), 0);
});

it('a whole export has every image once', async () => {
  const { text, complete } = await stream(db, { columns: 'bytes' });
  expect(complete).toBe(true);
  const numbers = text.split('\r\n').slice(1, -2).map(Number);
  expect(numbers.length).toBe(100_000);
  expect(new Set(numbers).size).toBe(100_000);
  expect(text.endsWith('\r\n# complete: 100000 rows\r\n')).toBe(true);
});

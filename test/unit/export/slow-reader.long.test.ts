import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { patience } from '../../support/pace.ts';
import { openTestDb, sessions, type TestDb } from '../postgres/rows.ts';
import { eventuallyEqual, insertKey, stream } from './test-export.ts';

/* A reader of 200 kB/s, for half a minute, of rows that are 100 MB: most of them never leave Postgres. */

const rate = 200_000;
const seconds = 30;
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

let db: TestDb;
beforeAll(async () => {
  db = await openTestDb();
  await insertKey(db, 'alpha');
  await db.admin.query('set session_replication_role = replica');
  await db.admin.query(`insert into image (id, tenant_id, status, declared_type, declared_bytes, presets, metadata, ticket_expires_at)
    select gen_random_uuid(), 'alpha', 'ready', 'image/jpeg', n, '{small}', jsonb_build_object('text', repeat(md5(n::text), 30)), now()
    from generate_series(1, 100000) n`);
}, patience(60_000));
afterAll(() => db.close());

it.each([
  ['pages as the reader takes them', undefined],
  ['one page of everything', { leastRows: 200_000, mostRows: 200_000, pageMs: 1, mostBytes: 1e9 }],
])(
  'a slow reader keeps the heap flat (%s)',
  async (_, paging) => {
    const started = performance.now();
    let bytes = 0;
    const heaps: { second: number; used: number }[] = [];
    const waits = new Set<string>();
    const { complete } = await stream(
      db,
      { metadata: 'text' },
      {
        ...(paging === undefined ? {} : { paging }),
        async write(chunk, done, body) {
          bytes += chunk.length;
          const second = (performance.now() - started) / 1000;
          if (second > seconds) return void body.destroy();
          await pause(Math.max(0, (1000 * bytes) / rate - 1000 * second));
          const { rows } = await db.admin.query(
            "select wait_event from pg_stat_activity where application_name = 'test' and datname = current_database()",
          );
          waits.add(rows[0]?.wait_event);
          collect();
          heaps.push({ second, used: process.memoryUsage().heapUsed });
          done();
        },
      },
    );
    expect(complete).toBe(false);
    const late = heaps.filter(({ second }) => second > 5).map(({ used }) => used);
    expect(late.length).toBeGreaterThan(10);
    expect((Math.max(...late) - Math.min(...late)) / 2).toBeLessThan(2 * 1024 * 1024);
    // With a page that does not fit into the kernel's buffers the server waits for the reader; a smaller one has left it.
    expect([...waits]).toContain(paging === undefined ? 'ClientRead' : 'ClientWrite');
    await eventuallyEqual(() => sessions(db.admin), 0, 2_000);
  },
  patience(120_000),
);

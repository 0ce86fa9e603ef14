import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TransientFailure } from '../../../lambda/domain/failure.ts';
import { createStream } from '../../../lambda/export/stream.ts';
import { openTestDb, sessions, type TestDb } from '../postgres/rows.ts';
import { eventuallyEqual, insertKey, quiet, stream } from './test-export.ts';

let db: TestDb;
beforeAll(async () => {
  db = await openTestDb();
  await insertKey(db, 'alpha');
});
afterAll(() => db.close());
/** Without the triggers of each row. */
const insertImages = (count: number) =>
  db.admin.query(`begin; set local session_replication_role = replica;
    insert into image (id, tenant_id, status, declared_type, declared_bytes, presets, ticket_expires_at)
    select gen_random_uuid(), 'alpha', 'ready', 'image/jpeg', 1, '{small}', now() from generate_series(1, ${count}); commit`);
const streams = async () => (await db.admin.query('select from export_stream')).rowCount;

describe('a request is refused before the first byte', () => {
  it.each([
    [{ columns: 'id,colour' }, 'columns.1', 'no column is named "colour"'],
    [{ columns: '' }, 'columns.0', 'no column is named ""'],
    [{ columns: 'id,id' }, 'columns', 'twice'],
    [{ status: 'done' }, 'status.0', 'no status is named "done"'],
    [{ from: '1999-02-30' }, 'from', 'is not a date'],
    [{ from: '29.11.2026' }, 'from', 'is not a date'],
    [{ from: '2026-11-29T22:00:00' }, 'from', 'is not a date'],
    [{ from: '0001-01-01' }, 'from', 'years 1900 to 2199'],
    [{ to: '9999-12-31' }, 'to', 'years 1900 to 2199'],
    [{ from: '1900-01-01', to: '2199-12-31' }, 'to', 'days after "from"; at most 3660'],
    [{ from: '2026-02-01', to: '2026-01-01' }, 'to', 'is not after "from"'],
    [{ metadata: '' }, 'metadata.0', 'is not a key'],
    [{ metadata: 'a,,b' }, 'metadata.1', 'is not a key'],
    [{ metadata: 'x'.repeat(65) }, 'metadata.0', 'is not a key'],
    [{ metadata: 'a\u0000b' }, 'metadata.0', 'is not a key'],
    [{ metadata: Array.from({ length: 21 }, (_, at) => `k${at}`).join() }, 'metadata', 'more than 20 keys'],
    [{ snapshot: 'old' }, 'snapshot', 'Invalid option'],
    [{ colums: 'id' }, 'colums', 'is not a known name'],
  ])('with 400 for the query %j', async (query, path, detail) => {
    const { metadata, text } = await stream(db, query as Record<string, string>);
    expect(metadata?.statusCode).toBe(400);
    expect(metadata?.headers['Content-Type']).toBe('application/problem+json');
    const problem = JSON.parse(text);
    expect(problem).toMatchObject({
      code: 'invalid_request',
      status: 400,
      instance: 'urn:sluice:request:request-1',
    });
    expect(problem.errors).toEqual([{ path, detail: expect.stringContaining(detail) }]);
  });

  it('with 400 for a parameter that is given twice', async () => {
    const { text } = await stream(db, { status: 'ready' }, { multi: { status: ['failed', 'ready'] } });
    expect(JSON.parse(text).errors).toEqual([{ path: 'status', detail: 'is given more than once' }]);
  });

  it.each([
    ['no key', null, 'Bearer realm="sluice"'],
    ['an unknown key', 'key-of-nobody', 'Bearer realm="sluice", error="invalid_token"'],
  ])('with 401 for %s, also if the query is wrong', async (_, key, challenge) => {
    const { metadata, text } = await stream(db, { columns: 'colour' }, { key });
    expect(metadata?.statusCode).toBe(401);
    expect(metadata?.headers['WWW-Authenticate']).toBe(challenge);
    expect(JSON.parse(text).code).toBe('unauthenticated');
  });

  it('with 409 and Retry-After while another stream of the tenant runs, and admitted after it', async () => {
    // More than the buffers hold: what is read to its end has left its place.
    await insertImages(20_000);
    let finish: (() => void) | undefined;
    let isHeld = true;
    const started = Promise.withResolvers<void>();
    const first = stream(
      db,
      { columns: 'id' },
      {
        write: (_, done) => {
          if (!isHeld) return done();
          finish = done;
          started.resolve();
        },
      },
    );
    await started.promise;
    const second = await stream(db, { columns: 'id' });
    expect(second.metadata?.statusCode).toBe(409);
    expect(second.metadata?.headers['Retry-After']).toBe('5');
    expect(JSON.parse(second.text).code).toBe('export_running');
    isHeld = false;
    finish?.();
    await first;
    expect((await stream(db, { columns: 'id' })).metadata?.statusCode).toBe(200);
    await db.admin.query('delete from image; delete from image_event');
  });

  it('with 409 after a stream that was killed, until its latest end', async () => {
    const killed = (held: string) =>
      db.admin.query(
        `insert into export_stream values ('alpha', gen_random_uuid(), now() + $1::interval)
         on conflict (tenant_id) do update set held_until = excluded.held_until`,
        [held],
      );
    await killed('1 minute');
    expect((await stream(db, { columns: 'id' })).metadata?.statusCode).toBe(409);
    expect(await streams()).toBe(1);
    await killed('-1 second');
    expect((await stream(db, { columns: 'id' })).metadata?.statusCode).toBe(200);
    expect(await streams()).toBe(0);
  });

  it('with 503 and Retry-After while the database is away', async () => {
    const handle = createStream({
      connect: () => Promise.reject(new TransientFailure('database_unavailable', 'away')),
      origins: ['*'],
      log: quiet,
    });
    const event = { headers: { authorization: 'Bearer k' }, requestContext: { requestId: 'r' } };
    let metadata: { statusCode: number; headers: Record<string, string> } | undefined;
    let body = '';
    const begin = (given: typeof metadata) => {
      metadata = given;
      return {
        end: (text: string) => {
          body = text;
        },
      };
    };
    await handle(event as never, { begin, gone: new AbortController().signal } as never, () => 60_000);
    expect(metadata?.statusCode).toBe(503);
    expect(Number(metadata?.headers['Retry-After'])).toBeGreaterThanOrEqual(5);
    expect(JSON.parse(body).code).toBe('database_unavailable');
  });

  it('and its connection is closed', async () => {
    await stream(db, { columns: 'colour' });
    await eventuallyEqual(() => sessions(db.admin), 0);
  });
});

import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { pathOf } from '../../lambda/domain/routes.ts';
import { patience } from '../support/pace.ts';
import { startTestPipeline, type TestPipeline, until } from '../support/pipeline.ts';

/* The whole runner with the bundled functions. */

let pipeline: TestPipeline;
let headers: Record<string, string>;
const images = 30_000;
beforeAll(async () => {
  pipeline = await startTestPipeline({}, { sweepEveryMs: 500 });
  headers = { authorization: `Bearer ${pipeline.apiKey}` };
  // Without the triggers of each row.
  await pipeline.sql.query(`begin; set local session_replication_role = replica;
    insert into image (id, tenant_id, status, declared_type, declared_bytes, presets, metadata, ticket_expires_at)
    select gen_random_uuid(), 'local', 'ready', 'image/jpeg', n, '{small}',
      jsonb_build_object('text', (select string_agg(md5(random()::text || n || k), '') from generate_series(1, 10) k)), now()
    from generate_series(1, ${images}) n; commit`);
}, patience(60_000));
afterAll(() => pipeline.stop(), patience(30_000));

const url = (query = '') => `${pipeline.url}${pathOf('exportImages', {})}${query}`;
const sessions = async () => {
  const { rows } = await pipeline.sql.query(
    "select count(*)::int as count from pg_stat_activity where usename = 'sluice_export'",
  );
  return rows[0].count as number;
};

describe('the stream', () => {
  it('is a CSV with a trailer, and a problem without a key', async () => {
    const response = await fetch(url('?columns=bytes'), { headers });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename="images-.*\.csv"$/);
    const lines = (await response.text()).split('\r\n');
    expect(new Set(lines.slice(1, -2)).size).toBe(images);
    expect(lines.at(-2)).toBe(`# complete: ${images} rows`);
    const refused = await fetch(url());
    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([
      401,
      'unauthenticated',
    ]);
  });

  it('says what is wrong with its query before the first byte, and answers HEAD', async () => {
    const response = await fetch(url('?columns=colour&status=done'), { headers });
    expect(response.status).toBe(400);
    const { errors } = (await response.json()) as { errors: { path: string }[] };
    expect(errors.map(({ path }) => path)).toEqual(['columns.0', 'status.0']);
    expect((await fetch(url(), { method: 'HEAD', headers })).status).toBe(200);
  });

  it('ends its statement and its session when the reader goes away, and the next one is served', async () => {
    const [response] = (await once(get(url('?metadata=text'), { headers }), 'response')) as [IncomingMessage];
    await once(response, 'data');
    expect(await sessions()).toBe(1);
    response.destroy();
    await until(async () => (await sessions()) === 0, 2_000);
    await until(async () => (await pipeline.sql.query('select from export_stream')).rowCount === 0, 2_000);
    const again = await fetch(url('?columns=id'), { headers });
    expect(again.status).toBe(200);
    expect((await again.text()).endsWith('rows\r\n')).toBe(true);
  });

  it('is cut off, visibly, when Postgres is killed in the middle', async () => {
    // 60 MB: the sockets of three hops hold 10 MB each, so that less may have left Postgres before it is killed.
    await pipeline.sql.query(`begin; set local session_replication_role = replica;
      insert into image (id, tenant_id, status, declared_type, declared_bytes, presets, metadata, ticket_expires_at)
      select gen_random_uuid(), 'local', 'ready', 'image/jpeg', 0, '{small}', jsonb_build_object('text', repeat('x', 20000)), now()
      from generate_series(1, 3000); commit`);
    onTestFinished(async () => {
      await pipeline.sql.query('delete from image where declared_bytes = 0');
    });
    const [response] = (await once(get(url('?metadata=text'), { headers }), 'response')) as [IncomingMessage];
    let text = '';
    response.setEncoding('utf8').on('error', () => undefined);
    await once(response, 'readable');
    await pipeline.sql.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'sluice_export'",
    );
    const closed = new Promise((done) => response.once('close', done));
    response.on('data', (chunk: string) => {
      text += chunk;
    });
    await closed;
    expect(response.complete).toBe(false);
    expect(text).not.toContain('# complete');
  });
});

describe('a job', () => {
  it('writes the same to a file, and its link returns it until it is deleted', async () => {
    const create = () =>
      fetch(`${pipeline.url}${pathOf('createExport', {})}`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json', 'idempotency-key': 'one' },
        body: JSON.stringify({ columns: ['bytes'], metadata: ['text'] }),
      });
    const created = await create();
    expect(created.status).toBe(202);
    const location = `${pipeline.url}${created.headers.get('location')}`;
    const { id } = (await created.json()) as { id: string };
    const again = await create();
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([202, 'true']);
    expect(((await again.json()) as { id: string }).id).toBe(id);
    const read = async () =>
      (await (await fetch(location, { headers })).json()) as { status: string; url?: string; rows: number };
    await until(async () => (await read()).status === 'ready', 60_000);
    const { url: link = '', rows } = await read();
    expect(rows).toBe(images);
    const file = await fetch(link);
    expect(file.headers.get('content-disposition')).toMatch(/^attachment; filename="images-.*\.csv\.gz"$/);
    const lines = gunzipSync(Buffer.from(await file.arrayBuffer()))
      .toString()
      .split('\r\n');
    expect(lines.length).toBe(images + 3);
    expect(lines.at(-2)).toBe(`# complete: ${images} rows,`);
    expect((await fetch(location, { method: 'DELETE', headers })).status).toBe(202);
    expect((await fetch(location, { headers })).status).toBe(404);
    expect([410, 'export_deleted']).toEqual(
      await create().then(async (gone) => [gone.status, ((await gone.json()) as { code: string }).code]),
    );
    await pipeline.sql.query("update export_job set deleted_at = now() - interval '1 hour'");
    await until(async () => (await fetch(link)).status === 404, 30_000);
    // Its key is kept for a day.
    expect((await create()).status).toBe(410);
    await pipeline.sql.query("update export_job set created_at = now() - interval '1 day'");
    await until(async () => (await pipeline.sql.query('select from export_job')).rowCount === 0, 30_000);
  });
});

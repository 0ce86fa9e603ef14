import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { makeUsageCursor, readUsageCursor, usageResponse } from '../../../lambda/api/schemas/usage.ts';
import { expectProblem } from './problems.ts';
import { type Environment, openTestApi, type TestApi } from './test-api.ts';

let testApi: TestApi;
let api: Environment;
const hourMs = 3_600_000;
/** One whatever the time: an hour may begin during the test. */
const thisHour = Date.parse('2026-11-29T10:00:00Z');
const at = (hoursAgo: number) => new Date(thisHour - hoursAgo * hourMs).toISOString();
const get = (query: Record<string, string> = {}) => api.call('GET', '/v1/usage', { query });
const rows = async (query: Record<string, string> = {}) => usageResponse.parse((await get(query)).json).usage;
const brief = (usage: Awaited<ReturnType<typeof rows>>) =>
  usage.map(({ hour, type, preset = '', code = '' }) => [hour, type, preset, code].join(' ').trim());

beforeAll(async () => {
  testApi = await openTestApi();
  api = testApi.environment();
  await testApi.sql(
    `insert into usage_hour (tenant_id, hour, type, preset, code, images, variants, bytes, megapixels, seconds)
     select tenant, hour::timestamptz, type, preset, code, 1, 2, 3, 4.5, 6.5
     from jsonb_to_recordset($1) as r (tenant text, hour text, type text, preset text, code text)`,
    [
      JSON.stringify(
        [
          ...[40, 23, 1, 0].map((ago) => ({ hour: at(ago), type: 'image.ready', preset: 'small', code: '' })),
          { hour: at(0), type: 'image.ready', preset: '', code: '' },
          { hour: at(0), type: 'image.rejected', preset: '', code: 'corrupt_image' },
          { hour: at(0), type: 'image.admitted', preset: '', code: '', tenant: 'other' },
        ].map((row) => ({ tenant: 'acme', ...row })),
      ),
    ],
  );
});
afterAll(() => testApi.close());

describe('GET /v1/usage', () => {
  const range = { from: at(23), to: at(-1) };
  const lastDay = [
    `${at(23)} image.ready small`,
    `${at(1)} image.ready small`,
    `${at(0)} image.ready`,
    `${at(0)} image.ready small`,
    `${at(0)} image.rejected  corrupt_image`,
  ];

  it("returns the tenant's own rows of this hour and the 23 before it, in order", async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: thisHour + hourMs - 1 });
    onTestFinished(() => void vi.useRealTimers());
    const usage = await rows();
    expect(brief(usage)).toEqual(lastDay);
    expect(usage[0]).toEqual({
      ...{ hour: at(23), type: 'image.ready', preset: 'small' },
      ...{ images: 1, variants: 2, bytes: 3, megapixels: 4.5, seconds: 6.5 },
    });
  });

  it.each([
    [{ from: at(40), to: at(1) }, [`${at(40)} image.ready small`, `${at(23)} image.ready small`]],
    [{ from: at(40) }, [`${at(40)} image.ready small`, `${at(23)} image.ready small`]],
    [{ to: at(23) }, [`${at(40)} image.ready small`]],
    [{ from: at(1), to: at(0) }, [`${at(1)} image.ready small`]],
    [{ from: '2020-01-01' }, []],
  ])('returns what is in the range %j', async (query, expected) => {
    expect(brief(await rows(query as Record<string, string>))).toEqual(expected);
  });

  it('has pages, whose cursor is the last row', async () => {
    const found: string[] = [];
    let cursor: string | null | undefined;
    do {
      const { json } = await get({ ...range, limit: '2', ...(cursor ? { cursor } : {}) });
      const page = usageResponse.parse(json);
      found.push(...brief(page.usage));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(found).toEqual(lastDay);
  });

  it('begins at `from`, whatever the cursor', async () => {
    const cursor = makeUsageCursor({ hour: new Date(at(40)), type: 'image.ready', preset: '', code: '' });
    expect(brief(await rows({ ...range, cursor }))).toEqual(lastDay);
  });

  it('returns all rows of the range as CSV', async () => {
    const response = await get({ format: 'csv', from: at(1) });
    expect(response.status).toBe(200);
    expect(response.headers).toMatchObject({
      'Content-Type': 'text/csv; charset=utf-8; header=present',
      'Content-Disposition': `attachment; filename="usage-${at(1).slice(0, 10)}.csv"`,
      'Cache-Control': 'no-store',
    });
    expect(response.text).toBe(
      [
        'hour,type,preset,code,images,variants,bytes,megapixels,seconds',
        `${at(1)},image.ready,small,,1,2,3,4.5,6.5`,
        `${at(0)},image.ready,,,1,2,3,4.5,6.5`,
        `${at(0)},image.ready,small,,1,2,3,4.5,6.5`,
        `${at(0)},image.rejected,,corrupt_image,1,2,3,4.5,6.5`,
        '',
      ].join('\r\n'),
    );
  });

  it('refuses a CSV of more than 25,000 rows, and returns one of as many', async () => {
    const insert = (from: number, to: number) =>
      testApi.sql(
        `insert into usage_hour (tenant_id, hour, type, preset, code, images, variants, bytes, megapixels, seconds)
         select 'acme', '2026-03-01', 'image.rejected', '', 'code_' || n, 1, 0, 1, 1, 1 from generate_series($1::int, $2) n`,
        [from, to],
      );
    await insert(1, 25_000);
    const query = { format: 'csv', from: '2026-03-01', to: '2026-03-02' };
    expect((await get(query)).text.split('\r\n')).toHaveLength(1 + 25_000 + 1);
    await insert(25_001, 25_001);
    const response = await get(query);
    expectProblem(response, 400, 'invalid_request');
    expect(response.json.errors).toEqual([expect.objectContaining({ path: 'to' })]);
  });

  it.each([
    [{ format: 'xlsx' }, 'format'],
    [
      { format: 'csv', cursor: makeUsageCursor({ hour: new Date(0), type: '', preset: '', code: '' }) },
      'cursor',
    ],
    [{ from: 'yesterday' }, 'from'],
    [{ from: '2026-11-02', to: '2026-11-01' }, 'to'],
    [{ from: '2026-11-01', to: '2026-12-03' }, 'to'],
    [{ limit: '101' }, 'limit'],
    [{ cursor: 'x' }, 'cursor'],
    [{ day: '1' }, 'day'],
  ])('refuses %j', async (query, path) => {
    const response = await get(query as Record<string, string>);
    expectProblem(response, 400, 'invalid_request');
    expect(response.json.errors).toEqual([expect.objectContaining({ path })]);
  });
});

describe('a cursor', () => {
  const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const key = { hour: new Date(at(0)), type: 'image.ready', preset: 'groß', code: '' };

  it('is read as it was made', () => {
    expect(readUsageCursor(makeUsageCursor(key))).toEqual(key);
  });

  it.each([
    ['another form', encoded({ hour: at(0) })],
    ['too few parts', encoded([at(0), 'image.ready', ''])],
    ['no time', encoded(['now', 'image.ready', '', ''])],
    ['a NUL, which no text of Postgres has', encoded([at(0), 'image.ready', '\u0000', ''])],
    ['spaces', `${makeUsageCursor(key)} `],
    ['another spelling of the time', encoded([at(0).replace('.000Z', 'Z'), 'image.ready', '', ''])],
    ['no JSON', Buffer.from('[').toString('base64url')],
    ['too much', 'a'.repeat(513)],
  ])('of %s is refused', (_, text) => {
    expect(readUsageCursor(text)).toBeUndefined();
  });
});

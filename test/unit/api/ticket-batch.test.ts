import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { ticketsResponse } from '../../../lambda/api/schemas/responses.ts';
import { openAdmission } from '../../../lambda/policy/admission/admission.ts';
import { expectProblem, expectRetryAfter } from './problems.ts';
import { recordStatements } from './recorded-statements.ts';
import {
  type ApiResponse,
  type Environment,
  admitting as fewImages,
  openDatabase,
  openTestApi,
  settings,
  type TestApi,
} from './test-api.ts';

let testApi: TestApi;
let api: Environment;
beforeAll(async () => {
  testApi = await openTestApi();
  api = testApi.environment();
});
afterAll(() => testApi.close());
beforeEach(async () => {
  await testApi.sql('delete from idempotency_key');
  await testApi.sql(`update image set deleted_at = now() where deleted_at is null`);
  await testApi.forgetEnvironments();
});

type Result = z.output<typeof ticketsResponse>['tickets'][number];
const ticket = (bytes = 9, more: object = {}) => ({ contentType: 'image/png', bytes, ...more });
const request = (tickets: unknown, key?: string, environment = api) =>
  environment.call('POST', '/v1/tickets', {
    body: { tickets },
    ...(key === undefined ? {} : { headers: { 'Idempotency-Key': key } }),
  });
function resultsOf(response: ApiResponse): Result[] {
  expect(response.status).toBe(200);
  return ticketsResponse.parse(response.json).tickets;
}
const codes = (results: Result[]) =>
  results.map((result) => ('problem' in result ? result.problem.code : result.status));
const idsOf = (results: Result[]) => results.flatMap((result) => ('id' in result ? result.id : []));
const rows = () =>
  testApi.sql<{ id: string; bytes: string; presets: string[]; metadata: object; sha256: string | null }>(
    `select id, declared_bytes as bytes, presets, metadata, declared_sha256 as sha256 from image
     where deleted_at is null order by declared_bytes`,
  );
const admitting = (images: number): Environment => testApi.environment(fewImages(images));

describe('a request for several tickets', () => {
  it('has a ticket for each image, in order, as a request for one would have', async () => {
    const sha256 = 'ab'.repeat(32);
    const wanted = [
      ticket(11),
      ticket(12, { presets: ['small'], metadata: { title: 'Ä "b"' }, contentType: 'IMAGE/JPEG' }),
      ticket(13, { sha256 }),
    ];
    const results = resultsOf(await request(wanted));
    expect(codes(results)).toEqual(Array(3).fill('awaiting_upload'));
    expect(await rows()).toMatchObject([
      { bytes: '11', presets: ['large', 'medium', 'small'], metadata: {}, sha256: null },
      { bytes: '12', presets: ['small'], metadata: { title: 'Ä "b"' } },
      { bytes: '13', sha256 },
    ]);
    expect(idsOf(results)).toEqual((await rows()).map(({ id }) => id));
    const single = await api.call('POST', '/v1/images', { body: wanted[2] as object });
    const [, , last] = results as unknown as { upload: { fields: Record<string, string> } }[];
    const { upload } = single.json as unknown as { upload: { fields: Record<string, string> } };
    expect(Object.keys(last?.upload.fields ?? {})).toEqual(Object.keys(upload.fields));
  });

  it('of a hundred takes one statement', async () => {
    const { database, statements } = recordStatements(openDatabase(testApi.database));
    const counting = testApi.environment({ database });
    await counting.call('GET', '/v1/presets');
    await request([ticket()], undefined, counting);
    statements.length = 0;
    const results = resultsOf(await request(Array(100).fill(ticket()), 'hundred', counting));
    expect(new Set(idsOf(results)).size).toBe(100);
    // The other one, at most once a second, is the snapshot of the backlog.
    expect(statements.filter((text) => /insert into image/.test(text))).toHaveLength(1);
    expect(statements.length).toBeLessThanOrEqual(2);
    await database.close();
  });

  it('refuses each invalid ticket by itself, with its mistakes', async () => {
    const results = resultsOf(
      await request([
        ticket(),
        ticket(0),
        { ...ticket(), preset: 'small' },
        ticket(9, { contentType: 'text/html' }),
        ticket(settings.limits.maxBytes + 1),
        'a ticket',
        null,
        ticket(),
      ]),
    );
    expect(codes(results)).toEqual([
      'awaiting_upload',
      'invalid_request',
      'invalid_request',
      'unsupported_type',
      'too_large',
      'invalid_request',
      'invalid_request',
      'awaiting_upload',
    ]);
    expect(results[1]).toMatchObject({ problem: { status: 400, errors: [{ path: 'bytes' }] } });
    expect(results[2]).toMatchObject({ problem: { errors: [{ path: 'preset' }] } });
    expect(await rows()).toHaveLength(2);
  });

  it('admits as many as the backlog allows, and says when to request the others', async () => {
    const few = admitting(3);
    const response = await request(Array(5).fill(ticket()), undefined, few);
    const results = resultsOf(response);
    expect(codes(results)).toEqual([...Array(3).fill('awaiting_upload'), 'backlog_share', 'backlog_share']);
    expect(await rows()).toHaveLength(3);
    expectRetryAfter(response, 1, 3_600);
    for (const result of results.slice(3))
      expect(result).toMatchObject({ problem: { status: 429, retryAfter: expect.any(Number) } });
    const full = await request([ticket()], 'full', few);
    expect(codes(resultsOf(full))).toEqual(['backlog_share']);
    expectRetryAfter(full, 1, 3_600);
  });
});

describe('quotas', () => {
  const planned = (changes: object = {}) => {
    const quotas = { images: { perMonth: 4 } };
    return testApi.environment({
      settings: { ...settings, plans: { default: { weight: 1, quotas } } },
      ...changes,
    });
  };
  const used = async () => {
    const [row] = await testApi.sql<{ used: number }>(
      `select of_month - coalesce((select sum(amount) from quota_return back
         where back.tenant_id = use.tenant_id and back.resource = use.resource), 0) as used
       from quota_use use where tenant_id = 'acme' and resource = 'images'`,
    );
    return row?.used;
  };
  beforeEach(() => testApi.sql('truncate quota_use, quota_return'));

  it('each ticket is charged, and those beyond the quota are refused', async () => {
    const response = await request(Array(6).fill(ticket()), undefined, planned());
    const results = resultsOf(response);
    const quota = 'quota_exceeded';
    expect(codes(results)).toEqual([...Array(4).fill('awaiting_upload'), quota, quota]);
    expect(results[4]).toMatchObject({ problem: { status: 429, retryAfter: 3_600 } });
    expect(response.headers['RateLimit-Policy']?.match(/images/g)).toHaveLength(1);
    expect(await used()).toBe(4);
    const charges = await testApi.sql('select charge from image where deleted_at is null');
    expect(charges).toEqual(Array(4).fill({ charge: { day: expect.any(String), images: 1 } }));
  });

  it('refused, invalid and repeated tickets are not charged', async () => {
    let policy = openAdmission(fewImages(1).settings.admission, () => performance.now());
    const admission = new Proxy(policy, { get: (_, name) => Reflect.get(policy, name) });
    const few = planned({ admission });
    const wanted = [ticket(0), ticket(), ticket()];
    await request(wanted, 'key', few);
    await request(wanted, 'key', few);
    policy = openAdmission(settings.admission, () => performance.now());
    await request(wanted, 'key', few);
    const more = resultsOf(await request(Array(4).fill(ticket()), 'more', few));
    expect(codes(more)).toEqual([...Array(3).fill('awaiting_upload'), 'quota_exceeded']);
  });
});

describe('a repeated request for several tickets', () => {
  it('has the same tickets, and the refused ones stay refused', async () => {
    const few = admitting(2);
    const wanted = [ticket(), ticket(0), ticket(), ticket()];
    const first = resultsOf(await request(wanted, 'key', few));
    expect(codes(first)).toEqual(['awaiting_upload', 'invalid_request', 'awaiting_upload', 'backlog_share']);
    const repeated = await request(wanted, 'key', testApi.environment());
    expect(repeated.headers['Idempotency-Replayed']).toBe('true');
    const again = resultsOf(repeated);
    const unsigned = (results: Result[]) =>
      results.map((result) => ('upload' in result ? [result.id, result.upload.expiresAt] : result));
    expect(unsigned(again)).toEqual(unsigned(first));
    expect(await rows()).toHaveLength(2);
    // Whatever the backlog is now.
    expect(unsigned(resultsOf(await request(wanted, 'key', few)))).toEqual(unsigned(first));
  });

  it('has the status of images whose file has arrived, and problems for those that are gone', async () => {
    const wanted = [ticket(1), ticket(2), ticket(3), ticket(4)];
    const [ready, deleted, expired] = idsOf(resultsOf(await request(wanted, 'key')));
    await testApi.sql(`update image set status = 'queued' where id = $1`, [ready]);
    await api.call('DELETE', `/v1/images/${deleted}`);
    await testApi.sql(`update image set ticket_expires_at = now() where id = $1`, [expired]);
    const results = resultsOf(await request(wanted, 'key'));
    expect(codes(results)).toEqual(['queued', 'image_deleted', 'ticket_expired', 'awaiting_upload']);
  });

  it('with another body is refused', async () => {
    await request([ticket(1)], 'key');
    expectProblem(await request([ticket(2)], 'key'), 422, 'idempotency_key_reused');
    const single = { body: ticket(1), headers: { 'Idempotency-Key': 'key' } };
    expectProblem(await api.call('POST', '/v1/images', single), 422, 'idempotency_key_reused');
    await api.call('POST', '/v1/images', { body: ticket(1), headers: { 'Idempotency-Key': 'single' } });
    expectProblem(await request([ticket(1)], 'single'), 422, 'idempotency_key_reused');
  });

  it('ten at once make the images once', async () => {
    const all = await Promise.all(
      Array.from({ length: 10 }, () => request([ticket(), ticket()], 'key', testApi.environment())),
    );
    expect(new Set(all.map((response) => idsOf(resultsOf(response)).join())).size).toBe(1);
    expect(await rows()).toHaveLength(2);
  });

  it('can use a key whose request got no ticket, and one that has expired', async () => {
    const full = admitting(0);
    expect(codes(resultsOf(await request([ticket()], 'key', full)))).toEqual(['overloaded']);
    const [first] = idsOf(resultsOf(await request([ticket()], 'key')));
    await testApi.sql(`update idempotency_key set expires_at = now()`);
    const later = await request([ticket()], 'key');
    expect(later.headers).not.toHaveProperty('Idempotency-Replayed');
    expect(idsOf(resultsOf(later))).not.toEqual([first]);
  });

  it('of another tenant is another request', async () => {
    const mine = idsOf(resultsOf(await request([ticket()], 'key')));
    const headers = { 'Idempotency-Key': 'key' };
    const body = { tickets: [ticket()] };
    const theirs = await api.call('POST', '/v1/tickets', { key: testApi.keys.other, body, headers });
    expect(idsOf(resultsOf(theirs))).not.toEqual(mine);
  });
});

describe('a body that is no list of tickets', () => {
  it.each<[string, object, string[]]>([
    ['no list', {}, ['tickets']],
    ['an empty list', { tickets: [] }, ['tickets']],
    ['101 tickets', { tickets: Array(101).fill(ticket()) }, ['tickets']],
    ['a ticket', ticket(), ['tickets', 'contentType', 'bytes']],
    ['an object', { tickets: { 0: ticket() } }, ['tickets']],
  ])('%s is refused', async (_, body, paths) => {
    const response = await api.call('POST', '/v1/tickets', { body });
    expect(expectProblem(response, 400, 'invalid_request').map(({ path }) => path)).toEqual(paths);
  });

  it('other bodies, types, encodings and queries are refused', async () => {
    const send = (options: object) => api.call('POST', '/v1/tickets', options);
    const headers = { 'Content-Type': 'application/json' };
    expectProblem(await send({ headers, body: '[' }), 400, 'malformed_json');
    expectProblem(await send({ headers }), 400, 'empty_body');
    expectProblem(
      await send({ headers: { 'Content-Type': 'image/png' }, body: 'x' }),
      415,
      'unsupported_type',
    );
    const body = { tickets: [ticket()] };
    expectProblem(await send({ body, headers: { 'Content-Encoding': 'gzip' } }), 415, 'unsupported_encoding');
    expectProblem(await send({ body, query: { presets: 'small' } }), 400, 'invalid_request');
    expectProblem(await send({ body, headers: { 'Idempotency-Key': '' } }), 400, 'invalid_idempotency_key');
    expectProblem(await send({ headers, body: `{"tickets":["${'x'.repeat(409_600)}"]}` }), 413, 'too_large');
    expect(await rows()).toEqual([]);
  });
});

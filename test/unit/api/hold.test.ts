import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { imageResponse } from '../../../lambda/api/schemas/responses.ts';
import { apiEvent } from './events.ts';
import { expectProblem, expectRetryAfter } from './problems.ts';
import { decode, type Environment, openTestApi, settings, type TestApi } from './test-api.ts';

let testApi: TestApi;
let api: Environment;
let id: string;
/** Pauses of the requests, in milliseconds. No request really waits. */
let pauses: number[];
let atPause: (number: number) => Promise<unknown>;
const holding = (heldRequests: number) =>
  testApi.environment({
    settings: { ...settings, gateway: { ...settings.gateway, heldRequests } },
    async pause(milliseconds) {
      pauses.push(milliseconds);
      await atPause(pauses.length);
    },
  });
const change = (status: string) => () =>
  testApi.sql(
    `update image set status = $2, updated_at = now(),
       error_code = case when $2 in ('failed', 'rejected') then 'internal' end where id = $1`,
    [id, status],
  );
const get = (wait: string, headers: Record<string, string> = {}, environment = api) =>
  environment.call('GET', `/v1/images/${id}`, { query: { wait }, headers });
beforeAll(async () => {
  testApi = await openTestApi();
  // As migrate sets it where there is no pooler.
  await testApi.sql(
    `alter role sluice_api in database ${testApi.database.name} set idle_session_timeout = '5min'`,
  );
  api = holding(1);
});
afterAll(() => testApi.close());
beforeEach(async () => {
  pauses = [];
  atPause = async () => undefined;
  const body = { contentType: 'image/png', bytes: 9 };
  ({ id } = (await api.call('POST', '/v1/images', { body })).json);
  await change('queued')();
});

describe('a request that waits', () => {
  it('is answered when the image changes', async () => {
    atPause = async (number) => number === 3 && change('ready')();
    const response = await get('20');
    expect(imageResponse.parse(response.json).status).toBe('ready');
    expect(response.headers).not.toHaveProperty('Retry-After');
    expect(pauses).toEqual([250, 500, 1_000]);
  });

  it('is answered when its time has passed, as the image is', async () => {
    const response = await get('4');
    expect(imageResponse.parse(response.json).status).toBe('queued');
    expectRetryAfter(response, 1, 2);
    expect(pauses).toEqual([250, 500, 1_000, 1_000, 1_000]);
  });

  it('ends two seconds before its invocation', async () => {
    const event = apiEvent('GET', `/v1/images/${id}`, { key: testApi.keys.acme, query: { wait: '20' } });
    expect(decode(await api.handle(event, () => 4_000)).status).toBe(200);
    expect(pauses).toEqual([250, 500, 1_000]);
  });

  it('is 404 if its image is deleted meanwhile', async () => {
    atPause = () => api.call('DELETE', `/v1/images/${id}`);
    expectProblem(await get('20'), 404, 'not_found');
    expect(pauses).toEqual([250]);
  });

  it('is answered when somebody edits the image', async () => {
    const edit = { body: { metadata: { album: 'winter' } }, headers: { 'If-Match': '*' } };
    atPause = (number) => (number === 2 ? api.call('PATCH', `/v1/images/${id}`, edit) : Promise.resolve());
    expect((await get('20')).json.metadata).toEqual({ album: 'winter' });
    expect(pauses).toEqual([250, 500]);
  });

  it('with the ETag of the image is 304 after its time, and 200 with a change', async () => {
    const { ETag = '' } = (await get('1')).headers;
    expect((await get('1', { 'If-None-Match': ETag })).status).toBe(304);
    atPause = change('processing');
    expect((await get('1', { 'If-None-Match': ETag })).status).toBe(200);
  });
});

describe('a request that asks to wait is answered at once', () => {
  it.each(['ready', 'failed', 'rejected'])('if the image is %s', async (status) => {
    await change(status)();
    expect((await get('20')).status).toBe(200);
    expect(pauses).toEqual([]);
  });

  it('if the file has not arrived', async () => {
    await change('awaiting_upload')();
    expectRetryAfter(await get('20'), 1, 30);
    expect(pauses).toEqual([]);
  });

  it('if the client knows another state', async () => {
    expect((await get('20', { 'If-None-Match': '"other"' })).status).toBe(200);
    expect(pauses).toEqual([]);
  });

  it('if the image is expected later', async () => {
    await testApi.sql(`update image set created_at = now() - interval '1 hour' where id = $1`, [id]);
    expectRetryAfter(await get('5'), 6, 60);
    expect(pauses).toEqual([]);
  });

  it('if others may wait, and none may where a tenth of the executions is less than one', async () => {
    const younger = holding(1);
    expect((await get('20', {}, younger)).status).toBe(200);
    expect((await get('20', {}, holding(0))).status).toBe(200);
    expect(pauses).toEqual([]);
    expect((await get('1', {}, holding(9))).status).toBe(200);
    expect(pauses).not.toEqual([]);
  });

  it('behind a pooler', async () => {
    const name = testApi.database.name;
    await testApi.sql(`alter role sluice_api in database ${name} set idle_session_timeout = 0`);
    expect((await get('20', {}, holding(99))).status).toBe(200);
    expect(pauses).toEqual([]);
    await testApi.sql(`alter role sluice_api in database ${name} set idle_session_timeout = '5min'`);
  });
});

it('another tenant’s image is not waited for', async () => {
  const response = await api.call('GET', `/v1/images/${id}`, {
    key: testApi.keys.other,
    query: { wait: '20' },
  });
  expectProblem(response, 404, 'not_found');
  expectProblem(await api.call('GET', `/v1/images/${uuidv7()}`, { query: { wait: '20' } }), 404, 'not_found');
  expect(pauses).toEqual([]);
});

it.each(['0', '21', '-1', '1.5', '', '1e1', 'forever'])('wait=%s is refused', async (wait) => {
  expect(expectProblem(await get(wait), 400, 'invalid_request').map(({ path }) => path)).toEqual(['wait']);
});

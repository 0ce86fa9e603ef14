import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { prefers } from '../../../lambda/api/http/preferred-type.ts';
import { eventsResponse } from '../../../lambda/api/schemas/responses.ts';
import { expectProblem } from './problems.ts';
import { interrupted } from './recorded-statements.ts';
import { type Environment, openDatabase, openTestApi, settings, type TestApi } from './test-api.ts';

const accept = 'text/event-stream';
let testApi: TestApi;
let api: Environment;
let id: string;
let pauses: number;
let atPause: (number: number) => Promise<unknown>;
const change = (status: string) =>
  testApi.sql(
    `update image set status = $2, error_code = case when $2 = 'failed' then 'internal' end where id = $1`,
    [id, status],
  );
const get = (lastEventId?: string, query: Record<string, string> = {}) =>
  api.call('GET', `/v1/images/${id}/events`, {
    query,
    headers: { Accept: accept, ...(lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId }) },
  });
const ids = (text: string) => [...text.matchAll(/^id: (.*)$/gm)].map(([, number]) => number);

beforeAll(async () => {
  testApi = await openTestApi();
  await testApi.sql(
    `alter role sluice_api in database ${testApi.database.name} set idle_session_timeout = '5min'`,
  );
  api = testApi.environment({
    settings: { ...settings, gateway: { ...settings.gateway, heldRequests: 1 } },
    async pause() {
      pauses += 1;
      await atPause(pauses);
    },
  });
});
afterAll(() => testApi.close());
beforeEach(async () => {
  pauses = 0;
  atPause = async () => undefined;
  const body = { contentType: 'image/png', bytes: 9, metadata: { text: 'two\nlines' } };
  ({ id } = (await api.call('POST', '/v1/images', { body })).json);
  await change('queued');
});

describe('events as Server-Sent Events', () => {
  it('have the number as id, the type as event, and the event in one line', async () => {
    await change('failed');
    const response = await get();
    expect(response.headers).toMatchObject({ 'Content-Type': accept, 'Cache-Control': 'no-store' });
    const blocks = response.text.split('\n\n');
    expect(blocks.map((block) => block.split('\n').length)).toEqual([1, 3, 3, 1]);
    expect(blocks[0]).toBe('retry: 1000');
    const [number, type, data = ''] = blocks[2]?.split('\n') ?? [];
    expect([number, type]).toEqual(['id: 2', 'event: image.failed']);
    const json = await api.call('GET', `/v1/images/${id}/events`, { query: { after: '1' } });
    expect(JSON.parse(data.replace('data: ', ''))).toEqual(eventsResponse.parse(json.json).events[0]);
  });

  it('begin after the later of Last-Event-ID and `after`', async () => {
    await change('failed');
    expect(ids((await get('1')).text)).toEqual(['2']);
    expect(ids((await get('1', { after: '0' })).text)).toEqual(['2']);
    expect(ids((await get('0', { after: '1' })).text)).toEqual(['2']);
  });

  it('are waited for without being asked, and end with the first ones', async () => {
    atPause = async (number) => number === 3 && change('ready');
    expect(ids((await get('1')).text)).toEqual(['2']);
    expect(pauses).toBe(3);
  });

  it('are a comment when none came in time, with the pause until the next request', async () => {
    const { status, text } = await get('1', { wait: '4' });
    expect(pauses).toBe(5);
    expect(status).toBe(200);
    expect(text).toMatch(/^retry: [12]\d{3}\n\n: no event yet\n\n$/);
  });

  it('are asked for less often when none is expected', async () => {
    await change('ready');
    expect((await get('2')).text).toBe('retry: 30000\n\n: no event yet\n\n');
    expect(pauses).toBe(0);
  });

  it('have the deletion that came between the looks at the events and at the image', async () => {
    const deletion = {
      after: /from image_event/,
      by: () => api.call('DELETE', `/v1/images/${id}`),
    };
    const own = testApi.environment({ database: interrupted(openDatabase(testApi.database), deletion) });
    const headers = { Accept: accept, 'Last-Event-ID': '1' };
    const response = await own.call('GET', `/v1/images/${id}/events`, { headers });
    expect([response.status, ids(response.text)]).toEqual([200, ['2']]);
  });

  it('are not asked for again after the deletion', async () => {
    await api.call('DELETE', `/v1/images/${id}`);
    expect(ids((await get('1')).text)).toEqual(['2']);
    expect(await get('2')).toMatchObject({ status: 204, text: '' });
  });

  it.each(['', 'x', '-1', '1.5', '99999999999'])('do not begin after the id "%s"', async (lastEventId) => {
    const response = await get(lastEventId);
    expectProblem(response, 400, 'invalid_request');
    expect(response.json.errors).toEqual([
      { path: 'Last-Event-ID', detail: 'is not a number from 0 to 1000000000' },
    ]);
  });

  it('are errors as problem documents', async () => {
    const response = await api.call('GET', '/v1/images/none/events', { headers: { Accept: accept } });
    expectProblem(response, 404, 'not_found');
  });
});

describe('a type', () => {
  it.each([
    [undefined, false],
    ['*/*', false],
    ['text/*', false],
    ['application/json', false],
    ['text/event-stream', true],
    ['Text/Event-Stream; charset=utf-8', true],
    ['application/json;q=0.5, text/event-stream', true],
    ['application/json, text/event-stream;q=0.9', false],
    ['text/event-stream;q=0', false],
    ['text/event-stream;q=x', false],
  ])('is preferred by Accept: %s? %s', (header, expected) => {
    const headers = new Map(header === undefined ? [] : [['accept', header]]);
    expect(prefers({ headers }, accept)).toBe(expected);
  });
});

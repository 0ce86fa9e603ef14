import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventsResponse } from '../../../lambda/api/schemas/responses.ts';
import { expectProblem, expectRetryAfter } from './problems.ts';
import { interrupted } from './recorded-statements.ts';
import { type Environment, openDatabase, openTestApi, settings, type TestApi } from './test-api.ts';

let testApi: TestApi;
let api: Environment;
let id: string;
let pauses: number;
let atPause: (number: number) => Promise<unknown>;
const holding = (heldRequests: number) =>
  testApi.environment({
    settings: { ...settings, gateway: { ...settings.gateway, heldRequests } },
    async pause() {
      pauses += 1;
      await atPause(pauses);
    },
  });
const change = (status: string) =>
  testApi.sql(
    `update image set status = $2, error_code = case when $2 = 'failed' then 'internal' end where id = $1`,
    [id, status],
  );
const get = (query: Record<string, string> = {}, { environment = api, image = id } = {}) =>
  environment.call('GET', `/v1/images/${image}/events`, { query });
const types = async (...given: Parameters<typeof get>) => {
  const { json } = await get(...given);
  return eventsResponse.parse(json).events.map(({ type, sequence }) => `${sequence} ${type}`);
};
beforeAll(async () => {
  testApi = await openTestApi();
  await testApi.sql(
    `alter role sluice_api in database ${testApi.database.name} set idle_session_timeout = '5min'`,
  );
  api = holding(1);
});
afterAll(() => testApi.close());
beforeEach(async () => {
  pauses = 0;
  atPause = async () => undefined;
  const body = { contentType: 'image/png', bytes: 9, metadata: { album: '7' } };
  ({ id } = (await api.call('POST', '/v1/images', { body })).json);
  await change('queued');
});

describe('GET /v1/images/{id}/events', () => {
  it('returns the events after a number, in order', async () => {
    await change('failed');
    expect(await types()).toEqual(['1 image.admitted', '2 image.failed']);
    expect(await types({ after: '1' })).toEqual(['2 image.failed']);
    expect(await types({ after: '2' })).toEqual([]);
    expect(eventsResponse.parse((await get()).json).events[0]).toMatchObject({
      tenant: 'acme',
      subject: id,
      data: { metadata: { album: '7' }, declared: { contentType: 'image/png', bytes: 9 } },
    });
  });

  it('shows a deletion, after which the image itself is gone', async () => {
    await api.call('DELETE', `/v1/images/${id}`);
    expect(await types()).toEqual(['1 image.admitted', '2 image.deleted']);
    expect(await types({ after: '2', wait: '20' })).toEqual([]);
    expect(pauses).toBe(0);
    expectProblem(await api.call('GET', `/v1/images/${id}`), 404, 'not_found');
  });

  it('knows no image that never was, and none of another tenant', async () => {
    expectProblem(await get({}, { image: uuidv7() }), 404, 'not_found');
    const key = testApi.keys.other;
    const other = await api.call('GET', `/v1/images/${id}/events`, { key });
    expectProblem(other, 404, 'not_found');
  });

  it.each([
    { after: '-1' },
    { after: 'x' },
    { after: '99999999999' },
    { wait: '0' },
    { wait: '21' },
    { a: '1' },
  ])('refuses %j', async (query) => {
    expectProblem(await get(query as Record<string, string>), 400, 'invalid_request');
  });
});

describe('a request for events that waits', () => {
  it('is answered when there is an event', async () => {
    atPause = async (number) => number === 3 && change('ready');
    expect(await types({ after: '1', wait: '20' })).toEqual(['2 image.ready']);
    expect(pauses).toBe(3);
  });

  it('does not wait where there are events already', async () => {
    expect(await types({ wait: '20' })).toEqual(['1 image.admitted']);
    expect(pauses).toBe(0);
  });

  it('is answered with none when its time has passed, and told when to ask again', async () => {
    const response = await get({ after: '1', wait: '4' });
    expect(eventsResponse.parse(response.json).events).toEqual([]);
    expectRetryAfter(response, 1, 2);
    expect(pauses).toBe(5);
  });

  it.each(['ready', 'awaiting_upload'])('does not wait for an image that is %s', async (status) => {
    await change(status);
    const after = status === 'ready' ? '2' : '1';
    expect(await types({ after, wait: '20' })).toEqual([]);
    expect(pauses).toBe(0);
  });

  it('has the event that came between the looks at the events and at the image', async () => {
    const end = { after: /from image_event/, by: () => change('failed') };
    const environment = testApi.environment({ database: interrupted(openDatabase(testApi.database), end) });
    expect(await types({ after: '1', wait: '20' }, { environment })).toEqual(['2 image.failed']);
  });

  it('is answered at once where no request may wait', async () => {
    expect(await types({ after: '1', wait: '20' }, { environment: holding(0) })).toEqual([]);
    expect(pauses).toBe(0);
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as responses from '../../../lambda/api/schemas/webhooks.ts';
import { secretKey, secretOf } from '../../../lambda/domain/webhook-secret.ts';
import { expectProblem } from './problems.ts';
import { type Environment, openTestApi, settings, type TestApi } from './test-api.ts';

let api: TestApi;
let env: Environment;
beforeAll(async () => {
  api = await openTestApi();
  env = api.environment();
});
afterAll(() => api.close());
beforeEach(async () => {
  await api.sql('truncate webhook_endpoint, webhook_delivery');
});

const url = 'https://hooks.example.com/sluice';
const make = async (body: object = {}, key = api.keys.acme) =>
  env.call('POST', '/v1/webhooks', { key, body: { url, ...body } });
const made = async (body: object = {}) => {
  const { json } = await make(body);
  return String(json.id);
};
const rowOf = async (id: string) =>
  (await api.sql<Record<string, unknown>>('select * from webhook_endpoint where id = $1', [id]))[0];

describe('a new webhook', () => {
  it('has an id, a random secret, and gets all events', async () => {
    const response = await make({ description: 'Shop' });
    expect(response.status).toBe(201);
    const webhook = responses.newWebhookResponse.parse(response.json);
    expect(webhook).toMatchObject({ url, types: null, description: 'Shop', state: 'active', failures: 0 });
    expect(secretKey(webhook.secret)).toHaveLength(32);
    expect(response.headers.Location).toBe(`/prod/v1/webhooks/${webhook.id}`);
    expect(response.headers.ETag).toMatch(/^"1-/);
    expect((await make()).json.secret).not.toBe(webhook.secret);
  });

  it('may bring its own secret', async () => {
    const secret = secretOf(Buffer.alloc(24, 1));
    expect((await make({ secret })).json.secret).toBe(secret);
  });

  it.each([
    ['a secret of 3 bytes', { secret: secretOf(Buffer.alloc(3)) }, 'secret'],
    ['plain http', { url: 'http://example.com/' }, 'url'],
    ['the metadata service', { url: 'https://0xa9.254.43518/' }, 'url'],
    ['a user name', { url: 'https://a:b@example.com/' }, 'url'],
    ['an unknown type', { types: ['image.eaten'] }, 'types.0'],
    ['a type twice', { types: ['image.ready', 'image.ready'] }, 'types'],
    ['no types', { types: [] }, 'types'],
    ['an unknown name', { uri: url }, 'uri'],
    ['a NUL', { description: '\u0000' }, 'description'],
  ])('%s is refused, with its place', async (_, body, path) => {
    const response = await make(body);
    expectProblem(response, 400, 'invalid_request');
    expect(response.json.errors).toEqual([expect.objectContaining({ path })]);
    expect(await api.sql('select from webhook_endpoint')).toEqual([]);
  });

  it('a body that is no JSON object, too large or of another type is refused', async () => {
    const post = (body: string, type = 'application/json') =>
      env.call('POST', '/v1/webhooks', { body, headers: { 'Content-Type': type } });
    expectProblem(await post('{'), 400, 'malformed_json');
    expectProblem(await post(''), 400, 'empty_body');
    expectProblem(await post(`{"url": "${'a'.repeat(17_000)}"}`), 413, 'too_large');
    expectProblem(await post('url=x', 'application/x-www-form-urlencoded'), 415, 'unsupported_type');
  });

  it('a tenant has at most ten, however many are requested at once', async () => {
    const { endpointsPerTenant } = settings.webhooks;
    const environments = Array.from({ length: 4 }, () => api.environment());
    const all = await Promise.all(
      Array.from({ length: endpointsPerTenant + 6 }, (_, n) =>
        environments[n % 4]?.call('POST', '/v1/webhooks', { body: { url } }),
      ),
    );
    const statuses = all.map((one) => one?.status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(endpointsPerTenant);
    expectProblem(await make(), 409, 'webhook_limit');
    // Of another tenant.
    expect((await make({}, api.keys.other)).status).toBe(201);
  });
});

describe('reading', () => {
  it('lists the tenant’s own, oldest first, without secrets', async () => {
    const ids = [await made(), await made({ types: ['image.ready'] })];
    await make({}, api.keys.other);
    const { json, text } = await env.call('GET', '/v1/webhooks');
    const { webhooks } = responses.webhooksResponse.parse(json);
    expect(webhooks.map(({ id }) => id)).toEqual(ids);
    expect(webhooks[1]?.types).toEqual(['image.ready']);
    expect(text).not.toContain('whsec_');
  });

  it('one has an ETag, and is 304 while it is current', async () => {
    const id = await made();
    const first = await env.call('GET', `/v1/webhooks/${id}`);
    responses.webhookResponse.parse(first.json);
    const headers = { 'If-None-Match': String(first.headers.ETag) };
    expect((await env.call('GET', `/v1/webhooks/${id}`, { headers })).status).toBe(304);
    await api.sql(`update webhook_endpoint set state = 'paused', reason = 'failures', failures = 10`);
    const later = await env.call('GET', `/v1/webhooks/${id}`, { headers });
    expect(later.status).toBe(200);
    expect(later.json).toMatchObject({ state: 'paused', reason: 'failures', failures: 10 });
  });

  it.each([
    ['GET', ''],
    ['PATCH', ''],
    ['DELETE', ''],
    ['POST', '/test'],
    ['POST', '/rotate'],
    ['POST', '/resume'],
    ['POST', '/replay'],
    ['GET', '/deliveries'],
    ['POST', '/deliveries/0199e6a8-0000-7000-8000-000000000000/replay'],
  ])(
    '%s %s of another tenant’s webhook, of a deleted one and of none is the same 404 (I11)',
    async (method, rest) => {
      const id = await made();
      const gone = await made();
      await env.call('DELETE', `/v1/webhooks/${gone}`);
      const ask = (of: string, key: string) =>
        env.call(method, `/v1/webhooks/${of}${rest}`, {
          key,
          headers: { 'If-Match': '*' },
          ...(method === 'PATCH' || rest === '/rotate' ? { body: {} } : {}),
        });
      for (const [of, key] of [
        [id, api.keys.other],
        [gone, api.keys.acme],
        ['0199e6a8-0000-7000-8000-000000000000', api.keys.acme],
        ['nonsense', api.keys.acme],
      ] as const)
        expectProblem(await ask(of, key), 404, 'not_found');
      expect(await rowOf(id)).toMatchObject({ revision: '1', state: 'active' });
    },
  );
});

describe('edits', () => {
  const edit = (id: string, body: object, match: string | undefined) =>
    env.call('PATCH', `/v1/webhooks/${id}`, {
      body,
      headers: match === undefined ? {} : { 'If-Match': match },
    });

  it('changes what is given, with the ETag that was read', async () => {
    const { json, headers } = await make({ types: ['image.ready'], description: 'Old' });
    const id = String(json.id);
    const edited = await edit(id, { description: 'New', types: null }, headers.ETag);
    expect(edited.status).toBe(200);
    expect(edited.json).toMatchObject({ url, description: 'New', types: null });
    expect(edited.headers.ETag).toMatch(/^"2-/);
  });

  it('without If-Match is 428, with an outdated one 412 and the current ETag', async () => {
    const { json, headers } = await make();
    const id = String(json.id);
    expectProblem(await edit(id, { description: 'A' }, undefined), 428, 'precondition_required');
    const first = await edit(id, { description: 'A' }, headers.ETag);
    const late = await edit(id, { description: 'B' }, headers.ETag);
    expectProblem(late, 412, 'precondition_failed');
    expect(late.headers.ETag).toBe(first.headers.ETag);
    expect(await rowOf(id)).toMatchObject({ description: 'A' });
  });

  it('an edit that changes nothing keeps the ETag', async () => {
    const { json, headers } = await make({ types: ['image.ready'], description: 'Shop' });
    const id = String(json.id);
    for (const body of [{}, { url, types: ['image.ready'], description: 'Shop', enabled: true }]) {
      const same = await edit(id, body, headers.ETag);
      expect([same.status, same.headers.ETag]).toEqual([200, headers.ETag]);
    }
    const off = await edit(id, { enabled: false }, headers.ETag);
    expect(off.headers.ETag).toMatch(/^"2-/);
    expect((await edit(id, { enabled: false }, off.headers.ETag)).headers.ETag).toBe(off.headers.ETag);
  });

  it('leaves disabled what dispatch disabled between its read and its write', async () => {
    const id = await made();
    await api.sql('begin');
    await api.sql(`update webhook_endpoint set state = 'disabled', reason = 'gone' where id = $1`, [id]);
    const edited = edit(id, { description: 'New' }, '*');
    const waitingWrites = () =>
      api.sql(`select from pg_stat_activity
        where wait_event_type = 'Lock' and usename = 'sluice_api' and datname = current_database()`);
    try {
      await expect.poll(async () => (await waitingWrites()).length).toBe(1);
    } finally {
      await api.sql('commit');
    }
    expect((await edited).json).toMatchObject({ description: 'New', state: 'disabled', reason: 'gone' });
  });

  it('what deliveries change is no edit', async () => {
    const { json, headers } = await make();
    await api.sql(`update webhook_endpoint set failures = 3`);
    expect((await edit(String(json.id), { description: 'A' }, headers.ETag)).status).toBe(200);
  });

  it('an address that is not public is refused as at registration', async () => {
    const id = await made();
    expectProblem(await edit(id, { url: 'https://169.254.169.254/' }, '*'), 400, 'invalid_request');
    expect(await rowOf(id)).toMatchObject({ url });
  });

  it('disables, and enables with a clean record', async () => {
    const id = await made();
    expect((await edit(id, { enabled: false }, '*')).json).toMatchObject({
      state: 'disabled',
      reason: 'owner',
    });
    expectProblem(await env.call('POST', `/v1/webhooks/${id}/test`), 409, 'webhook_disabled');
    await api.sql(`update webhook_endpoint set failures = 10, reason = 'gone'`);
    const { json } = await edit(id, { enabled: true }, '*');
    expect(json).toMatchObject({ state: 'active', failures: 0 });
    expect(json.reason).toBeUndefined();
  });

  it('enabling one that is not disabled does not end its pause', async () => {
    const id = await made();
    await api.sql(`update webhook_endpoint set state = 'paused', reason = 'failures', failures = 12`);
    expect((await edit(id, { enabled: true }, '*')).json).toMatchObject({ state: 'paused', failures: 12 });
  });
});

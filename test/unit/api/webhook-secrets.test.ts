import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as responses from '../../../lambda/api/schemas/webhooks.ts';
import { secretOf } from '../../../lambda/domain/webhook-secret.ts';
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

describe('a repeated request for a webhook', () => {
  const key = 'webhook-1';
  const ask = (
    body: object = {},
    headers: Record<string, string> = { 'Idempotency-Key': key },
    by = api.keys.acme,
  ) => env.call('POST', '/v1/webhooks', { key: by, body: { url, ...body }, headers });
  const rows = async () => (await api.sql('select from webhook_endpoint where deleted_at is null')).length;

  it('makes no second one, and has the same response with the same secret', async () => {
    const first = await ask();
    const second = await ask();
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.json).toEqual(first.json);
    const { ETag, Location } = first.headers;
    expect(second.headers).toMatchObject({ ETag, Location, 'Idempotency-Replayed': 'true' });
    expect(first.headers).not.toHaveProperty('Idempotency-Replayed');
    expect(await rows()).toBe(1);
  });

  it('makes one, however many come at once', async () => {
    const environments = Array.from({ length: 4 }, () => api.environment());
    const all = await Promise.all(
      environments.map((one) =>
        one.call('POST', '/v1/webhooks', { body: { url }, headers: { 'Idempotency-Key': key } }),
      ),
    );
    expect(new Set(all.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(await rows()).toBe(1);
  });

  it('is answered although the limit is reached', async () => {
    const first = await ask();
    for (let n = 1; n < settings.webhooks.endpointsPerTenant; n += 1) await made();
    expectProblem(await make(), 409, 'webhook_limit');
    expect((await ask()).json).toEqual(first.json);
  });

  it('with another body is 422, and learns nothing of the webhook', async () => {
    const { json } = await ask();
    const other = await ask({ description: 'Another' });
    expectProblem(other, 422, 'idempotency_key_reused');
    expect(other.text).not.toContain(String(json.secret));
    expect(await rows()).toBe(1);
  });

  it('after a rotation has the webhook as it is now, without its secret', async () => {
    const { json } = await ask();
    await env.call('POST', `/v1/webhooks/${json.id}/rotate`, { body: {} });
    const again = await ask();
    expect([again.status, again.headers['Idempotency-Replayed']]).toEqual([200, 'true']);
    expect(responses.webhookResponse.parse(again.json)).toMatchObject({ id: json.id });
    expect(again.text).not.toContain('whsec_');
    expect(await rows()).toBe(1);
  });

  it('makes another one for another key or tenant, after the deletion, and when the key has expired', async () => {
    const ids = [await ask(), await ask({}, { 'Idempotency-Key': 'webhook-2' }), await ask({}, {})];
    const other = await ask({}, undefined, api.keys.other);
    await env.call('DELETE', `/v1/webhooks/${ids[0]?.json.id}`);
    const anew = await ask();
    const seconds = settings.retention.idempotencySeconds;
    await api.sql('update webhook_endpoint set created_at = created_at - make_interval(secs => $1)', [
      seconds,
    ]);
    const late = await ask();
    const all = [...ids, other, anew, late];
    expect(all.map(({ status }) => status)).toEqual(all.map(() => 201));
    expect(new Set(all.map(({ json }) => json.id)).size).toBe(all.length);
  });

  it('a key that is none is refused', async () => {
    expectProblem(await ask({}, { 'Idempotency-Key': 'ä' }), 400, 'invalid_idempotency_key');
    expect(await rows()).toBe(0);
  });
});

describe('rotation', () => {
  it('makes a new secret, and keeps the one before for a day', async () => {
    const { json } = await make();
    const response = await env.call('POST', `/v1/webhooks/${json.id}/rotate`, { body: {} });
    const rotated = responses.rotationResponse.parse(response.json);
    expect(await rowOf(String(json.id))).toMatchObject({
      secret: rotated.secret,
      previous_secret: json.secret,
    });
    expect(Date.parse(rotated.previousSecretUntil) / 1000).toBeCloseTo(Date.now() / 1000 + 86_400, -2);
    const again = await env.call('POST', `/v1/webhooks/${json.id}/rotate`, { body: {} });
    expect(await rowOf(String(json.id))).toMatchObject({
      secret: again.json.secret,
      previous_secret: rotated.secret,
    });
  });

  const rotate = async (id: unknown, body: object) =>
    (await env.call('POST', `/v1/webhooks/${id}/rotate`, { body })).json;
  const secrets = async (id: unknown) => {
    const { secret, previous_secret, revision } = (await rowOf(String(id))) ?? {};
    return { secret, previous: previous_secret, revision };
  };
  const next = secretOf(Buffer.alloc(24, 2));

  it('repeated with the same secret changes nothing: the receiver’s secret goes on signing', async () => {
    const { json } = await make();
    const first = await rotate(json.id, { secret: next });
    await api.sql(`update webhook_endpoint set previous_until = previous_until - interval '1 hour'`);
    const again = await rotate(json.id, { secret: next });
    expect(Date.parse(String(again.previousSecretUntil))).toBe(
      Date.parse(String(first.previousSecretUntil)) - 3_600_000,
    );
    expect(again).toMatchObject({ id: json.id, secret: next });
    expect(await secrets(json.id)).toEqual({ secret: next, previous: json.secret, revision: '2' });
  });

  it('to the secret that it has from the beginning changes nothing, and no secret before signs', async () => {
    const { json } = await make({ secret: next });
    const rotated = await rotate(json.id, { secret: next });
    expect(Date.parse(String(rotated.previousSecretUntil))).toBeLessThanOrEqual(Date.now() + 1_000);
    expect(await secrets(json.id)).toEqual({ secret: next, previous: null, revision: '1' });
  });

  it('to the secret before lets the two change places, and both sign', async () => {
    const { json } = await make();
    await rotate(json.id, { secret: next });
    await rotate(json.id, { secret: json.secret });
    expect(await secrets(json.id)).toEqual({ secret: json.secret, previous: next, revision: '3' });
  });

  it('requested twice at once with the same secret happens once', async () => {
    const { json } = await make();
    const environments = [api.environment(), api.environment()];
    const all = await Promise.all(
      environments.map((one) =>
        one.call('POST', `/v1/webhooks/${json.id}/rotate`, { body: { secret: next } }),
      ),
    );
    expect(new Set(all.map(({ text }) => text)).size).toBe(1);
    expect(await secrets(json.id)).toEqual({ secret: next, previous: json.secret, revision: '2' });
  });

  it('a secret of 3 bytes is refused', async () => {
    const { json } = await make();
    const body = { secret: secretOf(Buffer.alloc(3)) };
    expectProblem(await env.call('POST', `/v1/webhooks/${json.id}/rotate`, { body }), 400, 'invalid_request');
    expect(await rowOf(String(json.id))).toMatchObject({ secret: json.secret });
  });

  it('the role of the API cannot read a secret', async () => {
    await make();
    await expect(
      env.parts.database.run((connection) => connection.query('select secret from webhook_endpoint')),
    ).rejects.toThrow(/permission denied/);
    await expect(
      env.parts.database.run((connection) =>
        connection.query('select idempotency_key, request_sha256 from webhook_endpoint'),
      ),
    ).rejects.toThrow(/permission denied/);
  });
});

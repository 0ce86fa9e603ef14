import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as responses from '../../../lambda/api/schemas/webhooks.ts';
import { secretOf } from '../../../lambda/domain/webhook-secret.ts';
import { expectProblem } from './problems.ts';
import { type Environment, openTestApi, type TestApi } from './test-api.ts';

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
  });
});

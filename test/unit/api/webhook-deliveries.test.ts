import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as responses from '../../../lambda/api/schemas/webhooks.ts';
import type { OutgoingMessage } from '../../../lambda/aws/message-queue.ts';
import { expectProblem } from './problems.ts';
import { type Environment, openTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
let env: Environment;
/** What the API sent to dispatch. */
let nudges: OutgoingMessage[];
beforeAll(async () => {
  api = await openTestApi();
  nudges = [];
  env = api.environment({
    deliveryResults: {
      async send(messages) {
        nudges.push(...messages);
        return new Map();
      },
    },
  });
});
afterAll(() => api.close());
beforeEach(async () => {
  nudges = [];
  await api.sql('truncate webhook_endpoint, webhook_delivery');
});

const url = 'https://hooks.example.com/sluice';
const made = async () => String((await env.call('POST', '/v1/webhooks', { body: { url } })).json.id);
describe('deliveries of a webhook', () => {
  const deliveries = (id: string, query: Record<string, string> = {}) =>
    env.call('GET', `/v1/webhooks/${id}/deliveries`, { query });

  it('a test is a delivery that is due at once, and tells dispatch', async () => {
    const id = await made();
    const { json, status } = await env.call('POST', `/v1/webhooks/${id}/test`);
    expect(status).toBe(202);
    expect(nudges).toEqual([{ body: '{"v":1,"kind":"due"}' }]);
    const [row] = await api.sql<{ body: string }>('select body from webhook_delivery where event_id = $1', [
      json.id,
    ]);
    expect(JSON.parse(row?.body ?? '')).toMatchObject({ id: json.id, type: 'webhook.test', tenant: 'acme' });
    const { deliveries: all } = responses.deliveriesResponse.parse((await deliveries(id)).json);
    expect(all).toEqual([expect.objectContaining({ id: json.id, state: 'pending', attempts: 0 })]);
  });

  it('are listed in pages, the newest first, by state', async () => {
    const id = await made();
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1)
      ids.push(String((await env.call('POST', `/v1/webhooks/${id}/test`)).json.id));
    await api.sql(
      `update webhook_delivery set state = 'dead', last_status = 500, last_at = now(), attempts = 9
      where event_id = any($1)`,
      [ids.slice(1, 4)],
    );
    const first = responses.deliveriesResponse.parse(
      (await deliveries(id, { state: 'dead', limit: '2' })).json,
    );
    expect(first.deliveries.map((one) => one.id)).toEqual([ids[3], ids[2]]);
    expect(first.deliveries[0]).toMatchObject({ attempts: 9, lastAttempt: { status: 500 } });
    const cursor = String(first.nextCursor);
    const second = responses.deliveriesResponse.parse(
      (await deliveries(id, { state: 'dead', limit: '2', cursor })).json,
    );
    expect(second.deliveries.map((one) => one.id)).toEqual([ids[1]]);
    expect(second.nextCursor).toBeNull();
    expect((await deliveries(id)).json.deliveries).toHaveLength(5);
    expectProblem(await deliveries(id, { state: 'eaten' }), 400, 'invalid_request');
  });

  it('a dead one is replayed, with a day of its own', async () => {
    const id = await made();
    const { json } = await env.call('POST', `/v1/webhooks/${id}/test`);
    await api.sql(
      `update webhook_delivery set state = 'dead', attempts = 20, since = now() - interval '2 days'`,
    );
    expect((await env.call('POST', `/v1/webhooks/${id}/deliveries/${json.id}/replay`)).status).toBe(202);
    expect(
      await api.sql(
        `select state, attempts, since > now() - interval '1 minute' as fresh from webhook_delivery`,
      ),
    ).toEqual([{ state: 'pending', attempts: 0, fresh: true }]);
  });

  it('one that is under way is not begun anew', async () => {
    const id = await made();
    const { json } = await env.call('POST', `/v1/webhooks/${id}/test`);
    await api.sql(`update webhook_delivery set state = 'sent', sendings = 3`);
    expect((await env.call('POST', `/v1/webhooks/${id}/deliveries/${json.id}/replay`)).status).toBe(202);
    expect(await api.sql('select state from webhook_delivery')).toEqual([{ state: 'sent' }]);
  });

  it('all dead ones are replayed, and no other', async () => {
    const id = await made();
    for (let n = 0; n < 3; n += 1) await env.call('POST', `/v1/webhooks/${id}/test`);
    await api.sql(`update webhook_delivery set state = 'delivered'`);
    await api.sql(
      `update webhook_delivery set state = 'dead' where event_id in (select event_id from webhook_delivery limit 2)`,
    );
    const { json, status } = await env.call('POST', `/v1/webhooks/${id}/replay`);
    expect([status, json]).toEqual([202, { replayed: 2, more: false }]);
    expect(await api.sql(`select state from webhook_delivery order by state`)).toEqual([
      { state: 'delivered' },
      { state: 'pending' },
      { state: 'pending' },
    ]);
  });

  it('resume ends a pause and makes all due', async () => {
    const id = await made();
    await env.call('POST', `/v1/webhooks/${id}/test`);
    await api.sql(
      `update webhook_endpoint set state = 'paused', failures = 12, held_until = now() + interval '1 hour'`,
    );
    await api.sql(`update webhook_delivery set due_at = now() + interval '2 hours'`);
    const { json } = await env.call('POST', `/v1/webhooks/${id}/resume`);
    expect(json).toMatchObject({ state: 'active', failures: 0 });
    expect(json.heldUntil).toBeUndefined();
    expect(await api.sql('select due_at <= now() as due from webhook_delivery')).toEqual([{ due: true }]);
  });

  it.each(['owner', 'gone'])('resume starts none that is disabled (%s)', async (reason) => {
    const id = await made();
    await env.call('POST', `/v1/webhooks/${id}/test`);
    await api.sql(`update webhook_endpoint set state = 'disabled', reason = $1, failures = 3`, [reason]);
    await api.sql(`update webhook_delivery set due_at = now() + interval '2 hours'`);
    nudges = [];
    expectProblem(await env.call('POST', `/v1/webhooks/${id}/resume`), 409, 'webhook_disabled');
    expect(await api.sql('select state, reason, failures from webhook_endpoint')).toEqual([
      { state: 'disabled', reason, failures: 3 },
    ]);
    expect(await api.sql('select due_at <= now() as due from webhook_delivery')).toEqual([{ due: false }]);
    expect(nudges).toEqual([]);
  });
});

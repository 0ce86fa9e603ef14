import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeAuthority } from '../support/certificate.ts';
import { isSigned, type Receiver, startReceiver } from '../support/https-receiver.ts';
import { fitting } from '../support/pace.ts';
import { smallPhoto } from '../support/pictures.ts';
import { startTestPipeline, type TestPipeline, until } from '../support/pipeline.ts';

/* Webhooks through the front door: the API, the real functions and queues, and a receiver of HTTPS. */

let folder: string;
let pipeline: TestPipeline;
let receiver: Receiver;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-authority-'));
  const authority = makeAuthority();
  writeFileSync(join(folder, 'authority.pem'), authority.cert);
  // The runner gives it to `deliver`.
  vi.stubEnv('NODE_EXTRA_CA_CERTS', join(folder, 'authority.pem'));
  [pipeline, receiver] = await Promise.all([
    startTestPipeline({ webhooks: { allowPrivate: true } }, { sweepEveryMs: 1_000 }),
    startReceiver(authority),
  ]);
});
afterAll(async () => {
  await pipeline.stop();
  await receiver.close();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  receiver.received.length = 0;
  receiver.answer = (_, response) => response.writeHead(204).end();
});
afterEach(() => pipeline.sql.query('update webhook_endpoint set deleted_at = now()'));

async function ask<Body>(method: string, path: string, body?: object, headers = {}): Promise<Body> {
  const response = await fetch(pipeline.url + path, {
    method,
    headers: {
      Authorization: `Bearer ${pipeline.apiKey}`,
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect(response.status, `${method} ${path}`).toBeLessThan(300);
  return (await response.json()) as Body;
}
const make = (body: object = {}) =>
  ask<{ id: string; secret: string }>('POST', '/v1/webhooks', { url: `${receiver.origin}/hook`, ...body });
const test = (id: string) => ask<{ id: string }>('POST', `/v1/webhooks/${id}/test`);
const deliveries = async (id: string) =>
  (
    await ask<{ deliveries: { id: string; state: string; attempts: number }[] }>(
      'GET',
      `/v1/webhooks/${id}/deliveries?limit=100`,
    )
  ).deliveries;
const idsOf = () => receiver.received.map(({ headers }) => String(headers['webhook-id']));

it('an image is announced in order, each event signed', async () => {
  const { secret } = await make({ types: ['image.admitted', 'image.ready'] });
  const response = await fetch(`${pipeline.url}/v1/images`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${pipeline.apiKey}`, 'Content-Type': 'image/png' },
    body: new Uint8Array(await smallPhoto(7)),
  });
  const { id } = (await response.json()) as { id: string };
  await until(async () => receiver.received.length >= 2);
  const events = receiver.received.map(({ body }) => JSON.parse(body));
  expect(events).toMatchObject([
    { specversion: '1.0', type: 'image.admitted', subject: id, sequence: '1', tenant: 'local' },
    { type: 'image.ready', subject: id, data: { status: 'ready' } },
  ]);
  for (const request of receiver.received) {
    expect(isSigned(request, secret)).toBe(true);
    expect(request.headers['webhook-id']).toBe(JSON.parse(request.body).id);
  }
});

it('after a rotation both secrets sign', async () => {
  const { id, secret } = await make();
  const next = await ask<{ secret: string }>('POST', `/v1/webhooks/${id}/rotate`, {});
  await test(id);
  await until(async () => receiver.received.length > 0);
  const [request] = receiver.received;
  expect(request && [secret, next.secret].map((one) => isSigned(request, one))).toEqual([true, true]);
});

it('a refusal is tried again, not before its Retry-After, with the same id', async () => {
  const { id } = await make();
  let calls = 0;
  receiver.answer = (_, response) => {
    calls += 1;
    response.writeHead(calls === 1 ? 503 : 204, { 'Retry-After': '3' }).end();
  };
  const { id: event } = await test(id);
  await until(async () => calls > 1);
  const [first, second] = receiver.received;
  expect(idsOf().slice(0, 2)).toEqual([event, event]);
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(2_900);
  await until(async () => (await deliveries(id))[0]?.state === 'delivered');
  expect(await deliveries(id)).toMatchObject([{ id: event, attempts: 2 }]);
});

it('a redirect is a failure and is not followed', async () => {
  const { id } = await make();
  receiver.answer = (_, response) => response.writeHead(302, { Location: '/elsewhere' }).end();
  await test(id);
  await until(async () => ((await deliveries(id))[0]?.attempts ?? 0) > 0);
  expect(new Set(receiver.received.map(({ path }) => path))).toEqual(new Set(['/hook']));
});

describe('a dead endpoint', () => {
  const stateOf = async (id: string) => (await ask<{ state: string }>('GET', `/v1/webhooks/${id}`)).state;
  async function pausedWebhook() {
    const { id } = await make();
    receiver.answer = (_, response) => response.destroy();
    const events = [];
    for (let n = 0; n < 12; n += 1) events.push((await test(id)).id);
    await until(async () => (await stateOf(id)) === 'paused');
    receiver.received.length = 0;
    receiver.answer = (_, response) => response.writeHead(204).end();
    return { id, events };
  }
  const allArrived = (events: string[]) => until(async () => new Set(idsOf()).size === events.length, 90_000);

  it('is paused; resumed by hand, it gets all that waited', async () => {
    const { id, events } = await pausedWebhook();
    await ask('POST', `/v1/webhooks/${id}/resume`);
    await allArrived(events);
    expect(await stateOf(id)).toBe('active');
  });

  it('is resumed by a probe that succeeds', async () => {
    const { id, events } = await pausedWebhook();
    // The pause of 15 to 30 s is over.
    await pipeline.sql.query('update webhook_endpoint set held_until = now() where id = $1', [id]);
    await until(async () => (await stateOf(id)) === 'active');
    // Within a minute.
    await pipeline.sql.query(`update webhook_delivery set due_at = now() where state = 'pending'`);
    await allArrived(events);
  });

  it('its dead letters are seen and replayed', async () => {
    const { id, events } = await pausedWebhook();
    await pipeline.sql.query(
      `update webhook_delivery set since = now() - interval '1 day' where endpoint_id = $1`,
      [id],
    );
    await until(async () => (await deliveries(id)).every(({ state }) => state === 'dead'));
    await ask('POST', `/v1/webhooks/${id}/resume`);
    expect(await ask('POST', `/v1/webhooks/${id}/replay`)).toEqual({ replayed: events.length, more: false });
    await allArrived(events);
  });
});

it('dispatch and deliver are killed again and again: every event arrives, repeated ones with their id', async () => {
  const { id } = await make();
  const events = new Set<string>();
  const count = fitting(120, 30);
  let killing = true;
  let killed = 0;
  const kills = (async () => {
    while (killing) {
      for (const name of ['dispatch', 'deliver'] as const)
        for (const pid of pipeline.environments(name)) {
          process.kill(pid, 'SIGKILL');
          killed += 1;
        }
      await new Promise((resolve) => setTimeout(resolve, 400));
    }
  })();
  while (events.size < count || killed <= 5) events.add((await test(id)).id);
  killing = false;
  await kills;
  const allDelivered = async () => {
    // What a killed function had is due again after three minutes: those are over.
    await pipeline.sql.query(
      `update webhook_delivery set due_at = now() where state = 'sent' and updated_at < now() - interval '3 seconds'`,
    );
    const { rows } = await pipeline.sql.query(
      `select count(*)::integer as open from webhook_delivery
      where endpoint_id = $1 and state <> 'delivered'`,
      [id],
    );
    return rows[0]?.open === 0;
  };
  await until(allDelivered, 120_000);
  expect(new Set(idsOf())).toEqual(events);
});

import { randomBytes, randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { ImageEvent } from '../../lambda/domain/event.ts';
import { secretOf } from '../../lambda/domain/webhook-secret.ts';
import * as deliveries from '../../lambda/postgres/webhooks/deliveries.ts';
import * as endpoints from '../../lambda/postgres/webhooks/endpoints.ts';
import { fanOut } from '../../lambda/postgres/webhooks/fan-out.ts';
import { requestEndpoint } from '../../lambda/postgres/webhooks/new-endpoint.ts';
import * as retention from '../../lambda/postgres/webhooks/retention.ts';
import * as settle from '../../lambda/postgres/webhooks/settle.ts';
import { releaseDeliveries, takeDue } from '../../lambda/postgres/webhooks/take.ts';
import { emptyTenant, largestTenant } from './fill.ts';
import type { Case } from './statements.ts';

/**
 * Three endpoints of each tenant with 1,000 deliveries each, those of a fortieth dead or waiting, some for more than a day, and
 * one of the largest tenant with 20,000 that wait because it is paused. 20,000 endpoints have no deliveries, and a twentieth of these is deleted.
 */
async function fillWebhooks(client: pg.Client, each: number): Promise<void> {
  const secret = secretOf(Buffer.alloc(32));
  await client.query(
    `insert into webhook_endpoint (id, tenant_id, url, secret, created_at, deleted_at)
     select gen_random_uuid(), tenant.id, 'https://hooks.example.com/', $1, now() - interval '30 days',
       case when n = 3 and tenant.id like '%9' then now() - interval '1 hour' end
     from (select id from tenant order by id limit 100) tenant, generate_series(1, 3) n`,
    [secret],
  );
  await client.query(
    `insert into webhook_delivery (endpoint_id, event_id, type, image_id, sequence, body, state, since, due_at, updated_at)
     select id, uuidv7(-make_interval(secs => n * 1000)), 'image.ready', gen_random_uuid(), 2, repeat('x', 600),
       case when n > 25 then 'delivered' when n > 15 then 'dead' when n > 4 then 'pending' else 'sent' end,
       now() - make_interval(secs => n * 22000), now() + make_interval(secs => (n - 10) * 30),
       now() - make_interval(secs => n * 1500)
     from webhook_endpoint, generate_series(1, $1::int) n`,
    [each],
  );
  await client.query(
    `insert into webhook_endpoint (id, tenant_id, url, secret, deleted_at)
     select gen_random_uuid(), $2, 'https://hooks.example.com/', $1,
       case when n % 20 = 0 then now() - interval '1 hour' end
     from generate_series(1, 20000) n`,
    [secret, emptyTenant],
  );
  await client.query(
    `with paused as (
       update webhook_endpoint set state = 'paused', failures = 12, held_until = now() + interval '1 minute'
       where id = (select id from webhook_endpoint where tenant_id = $1 order by id limit 1) returning id)
     insert into webhook_delivery (endpoint_id, event_id, type, image_id, sequence, body)
     select id, gen_random_uuid(), 'image.ready', gen_random_uuid(), 2, repeat('x', 600)
     from paused, generate_series(1, 20000)`,
    [largestTenant],
  );
  await client.query('vacuum (analyze) webhook_endpoint, webhook_delivery');
}

/** Statements of webhooks. @param each deliveries of an endpoint */
export async function webhookCases(client: pg.Client, each = 1_000): Promise<Case[]> {
  await fillWebhooks(client, each);
  const tenant = largestTenant;
  const { rows } = await client.query<{ id: string }>(
    `select id from webhook_endpoint where tenant_id = $1 and deleted_at is null and state = 'active' limit 1`,
    [tenant],
  );
  const id = String(rows[0]?.id);
  const ref = { tenant, id };
  const { rows: dead } = await client.query<{ id: string }>(
    `select event_id as id from webhook_delivery where endpoint_id = $1 and state = 'dead' limit 1`,
    [id],
  );
  const settings = { url: 'https://hooks.example.com/', types: [], description: '' };
  const secret = secretOf(Buffer.alloc(32));
  const key = { key: 'a key', requestSha256: randomBytes(32), keepSeconds: 86_400 };
  const events = Array.from(
    { length: 100 },
    () =>
      ({
        ...{ id: randomUUID(), type: 'image.ready', tenant, subject: randomUUID(), sequence: '2' },
        time: new Date().toISOString(),
      }) as ImageEvent,
  );
  const take = { inFlight: 10, limit: 100 };
  const as =
    (by: Case['by']) =>
    (name: string, what: string, run: Case['run']): Case => ({ by, name, what, run });
  const api = as('api');
  const dispatch = as('dispatch');
  const sweep = as('sweep');
  const limit = 1_000;
  return [
    api('requestEndpoint', 'a new one', (c) =>
      requestEndpoint(c, { tenant, id: randomUUID(), ...settings, secret, key }, 10),
    ),
    api('listEndpoints', 'largest', (c) => endpoints.listEndpoints(c, tenant)),
    api('findEndpoint', 'one', (c) => endpoints.findEndpoint(c, ref)),
    api('editEndpoint', 'one', (c) =>
      endpoints.editEndpoint(c, ref, { ...settings, enabled: true, revision: 1 }),
    ),
    api('rotateSecret', 'one', (c) => endpoints.rotateSecret(c, ref, { secret, keepSeconds: 86_400 })),
    api('resumeEndpoint', 'one', (c) => endpoints.resumeEndpoint(c, ref)),
    api('deleteEndpoint', 'one', (c) => endpoints.deleteEndpoint(c, ref)),
    api('listDeliveries', 'all', (c) => deliveries.listDeliveries(c, id, { limit: 100 })),
    api('listDeliveries', 'dead', (c) => deliveries.listDeliveries(c, id, { state: 'dead', limit: 100 })),
    api('insertTest', 'one', (c) =>
      deliveries.insertTest(c, id, { event: randomUUID(), type: 'webhook.test', body: '{}' }),
    ),
    api('replayDelivery', 'dead', (c) => deliveries.replayDelivery(c, ref, String(dead[0]?.id))),
    api('replayDead', 'of one', (c) => deliveries.replayDead(c, id, limit)),
    as('relay')('fanOut', '100 events', (c) => fanOut(c, events)),
    dispatch('takeDue', '100 of 300 endpoints', (c) => takeDue(c, take)),
    dispatch('releaseDeliveries', '100', async (c) => releaseDeliveries(c, await takeDue(c, take))),
    dispatch('lockEndpoints', 'one', (c) => settle.lockEndpoints(c, [id])),
    dispatch('recordHealth', 'one', (c) =>
      settle.recordHealth(
        c,
        new Map([[id, { state: 'active' as const, reason: null, failures: 1, holdSeconds: 0 }]]),
      ),
    ),
    dispatch('settleDeliveries', '100', async (c) => {
      const due = await takeDue(c, take);
      return settle.settleDeliveries(
        c,
        due.map(({ endpoint, event, sending, attempt }) => ({
          ...{ endpoint, event, sending, attempt, ending: 'delivered' as const, pauseSeconds: 0 },
          ...{ status: 200, fault: null },
        })),
      );
    }),
    dispatch('bringForward', 'of one', (c) => settle.bringForward(c, [id], 60)),
    dispatch('giveUpOld', '1,000', (c) => retention.giveUpOld(c, { limit })),
    sweep('removeEndedDeliveries', '1,000', (c) => retention.removeEndedDeliveries(c, { days: 1, limit })),
    sweep('removeDeliveriesOfDeleted', '1,000', (c) => retention.removeDeliveriesOfDeleted(c, { limit })),
    sweep('removeDeletedEndpoints', '1,000', (c) => retention.removeDeletedEndpoints(c, { limit })),
  ];
}

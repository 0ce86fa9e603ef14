import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { useTestSweep } from './test-sweep.ts';

const { testSweep, sweep } = useTestSweep();

it('removes deliveries two weeks after they ended, and deleted webhooks with theirs', async () => {
  const { admin } = testSweep.db;
  const [kept, gone, justGone] = [randomUUID(), randomUUID(), randomUUID()];
  for (const [id, deleted] of [
    [kept, null],
    [gone, '2 minutes'],
    [justGone, '1 second'],
  ])
    await admin.query(
      `insert into webhook_endpoint (id, tenant_id, url, secret, deleted_at)
       values ($1, 'alpha', 'https://example.com/', 'whsec_', now() - $2::interval)`,
      [id, deleted],
    );
  const add = (endpoint: string | undefined, state: string, age: string) =>
    admin.query(
      `insert into webhook_delivery (endpoint_id, event_id, type, body, state, updated_at, since)
       values ($1, gen_random_uuid(), $2, '{}', $3, now() - $4::interval, now())`,
      [endpoint, `${state} ${age}`, state, age],
    );
  for (const state of ['delivered', 'dead', 'pending', 'sent'])
    for (const age of ['13 days', '15 days']) await add(kept, state, age);
  await add(gone, 'pending', '1 second');
  const report = await sweep();
  expect(report.oldDeliveries).toEqual({ ended: 2, ofDeleted: 1, webhooks: 1 });
  const { rows } = await admin.query('select type from webhook_delivery order by type');
  expect(rows.map(({ type }) => type)).toEqual([
    ...['dead 13 days', 'delivered 13 days', 'pending 13 days', 'pending 15 days'],
    ...['sent 13 days', 'sent 15 days'],
  ]);
  const endpoints = await admin.query('select id from webhook_endpoint');
  expect(new Set(endpoints.rows.map(({ id }) => id))).toEqual(new Set([kept, justGone]));
});

import type pg from 'pg';
import { unlimitedPlan } from '../../lambda/domain/plan.ts';
import type { LeaseRequest, Rest } from '../../lambda/domain/quota-store.ts';
import { leaseSlices, returnSlices } from '../../lambda/postgres/quotas/lease.ts';
import { givePlan, planOfTenant, removePlan, setPlan } from '../../lambda/postgres/quotas/plans.ts';
import { readUse, saveUse } from '../../lambda/postgres/quotas/records.ts';
import { removeOldUse, useOfTenant } from '../../lambda/postgres/quotas/use.ts';
import { largestTenant } from './fill.ts';
import type { Case } from './statements.ts';

/** Use of three resources by every tenant, and a hundred returns each of the last two months. */
async function fillQuotas(client: pg.Client): Promise<void> {
  await client.query(`insert into quota_use (tenant_id, resource, day)
    select id, resource, (now() at time zone 'UTC')::date - (n % 40 * (n % 20 = 0)::int)::int
    from (select id, row_number() over () as n from tenant) numbered,
      unnest('{requests,images,bytes,megapixels}'::text[]) resource
    on conflict do nothing`);
  await client.query(`insert into quota_return (tenant_id, resource, amount, day, taken_at)
    select id, 'megapixels', 12, (now() at time zone 'UTC')::date - n % 2, now()
    from tenant, generate_series(1, 100) n`);
  await client.query(
    'insert into plan (name, terms) select \'plan-\' || n, \'{"weight": 1, "quotas": {}}\' from generate_series(1, 200) n',
  );
  await client.query('analyze quota_use, quota_return, plan');
}

/** Statements of quotas and plans. */
export async function quotaCases(client: pg.Client): Promise<Case[]> {
  await fillQuotas(client);
  const tenant = largestTenant;
  const bounds = { rate: { perSecond: 1_000, burst: 10_000 }, perDay: 1e9, perMonth: 1e10 };
  const ask = { bounds, need: 1, queue: 1, want: 50 };
  const requests: LeaseRequest = { tenant, asks: [{ resource: 'requests', ...ask }], rests: [] };
  const image: LeaseRequest = {
    tenant,
    asks: [
      { resource: 'images', ...ask },
      { resource: 'bytes', ...ask },
      { resource: 'megapixels', ...ask },
    ],
    rests: [{ resource: 'images', amount: 1, day: '2026-11-29', ageSeconds: 1 }],
  };
  const rest: Rest & { tenant: string } = {
    tenant,
    resource: 'images',
    amount: 1,
    day: '2026-11-29',
    ageSeconds: 1,
  };
  const use = {
    resource: 'megapixels' as const,
    bucket: 1,
    bucketAt: Date.now() / 1000,
    day: new Date().toISOString().slice(0, 10),
    ofDay: 1_000,
    ofMonth: 2_000,
    returnedOfDay: 0,
    returnedOfMonth: 0,
    perSecond: 1,
  };
  const is = (by: Case['by'], name: string, what: string, run: Case['run']): Case => ({
    by,
    name,
    what,
    run,
  });
  return [
    is('api', 'leaseSlices', 'of requests', (c) => leaseSlices(c, requests)),
    is('api', 'leaseSlices', 'of an image, with 100 returns', (c) => leaseSlices(c, image)),
    is('api', 'returnSlices', 'one', (c) => returnSlices(c, [rest])),
    is('api', 'readUse', 'of an image', (c) => readUse(c, tenant, ['images', 'bytes', 'megapixels'])),
    is('api', 'saveUse', 'with 100 returns', (c) => saveUse(c, tenant, [use])),
    is('sweep', 'removeOldUse', '1,000', (c) => removeOldUse(c, { limit: 1_000 })),
    is('operate', 'setPlan', 'new', (c) => setPlan(c, 'new', unlimitedPlan)),
    is('operate', 'removePlan', 'one', (c) => removePlan(c, 'plan-7')),
    is('operate', 'givePlan', 'one', (c) => givePlan(c, tenant, 'plan-7')),
    is('operate', 'planOfTenant', 'one', (c) => planOfTenant(c, tenant)),
    is('operate', 'useOfTenant', 'one', (c) => useOfTenant(c, tenant)),
  ];
}

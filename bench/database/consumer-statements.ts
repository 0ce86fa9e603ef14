import { createHash } from 'node:crypto';
import type pg from 'pg';
import { v7 } from 'uuid';
import { usageParts } from '../../lambda/domain/usage.ts';
import { addUsage, forgetEvents } from '../../lambda/postgres/analytics/add-usage.ts';
import { usageOfTenant } from '../../lambda/postgres/analytics/reading.ts';
import { appendLines } from '../../lambda/postgres/audit/append.ts';
import { auditHead, readLines } from '../../lambda/postgres/audit/reading.ts';
import { imageEvent } from '../../test/support/kafka/events.ts';
import { largestTenant } from './fill.ts';
import type { Case } from './statements.ts';

/** A million counted events, a year of hours, 20,000 trails, and one of 300,000 lines, or this share of the events and lines. */
async function fillConsumers(client: pg.Client, share: number): Promise<void> {
  await client.query(
    `insert into usage_event
     select (lpad(to_hex((extract(epoch from now()) * 1000)::bigint - n), 12, '0')
      || substr(md5(n::text), 1, 20))::uuid from generate_series(1, $1::int) n`,
    [1_000_000 * share],
  );
  await client.query(
    `insert into usage_hour (tenant_id, hour, type, preset)
     select $1, date_trunc('hour', now(), 'UTC') - make_interval(hours => hour), type, preset
     from generate_series(0, 8760) hour, unnest(array['image.admitted', 'image.ready']) type,
       unnest(array['', 'small', 'large']) preset`,
    [largestTenant],
  );
  const hash = createHash('sha256').digest();
  await client.query(
    `insert into audit_line (tenant_id, number, event_id, event, hash)
     select $1, n, gen_random_uuid(), repeat('x', 700), $2 from generate_series(1, $3::int) n`,
    [largestTenant, hash, 300_000 * share],
  );
  await client.query(
    "insert into audit_head (tenant_id, number, hash) select 'trail-' || n, 1, $1 from generate_series(1, 20000) n",
    [hash],
  );
  await client.query('vacuum (analyze) usage_event, usage_hour, audit_line, audit_head');
}

/** Statements of the consumers of events. */
export async function consumerCases(client: pg.Client, share = 1): Promise<Case[]> {
  await fillConsumers(client, share);
  const tenant = largestTenant;
  const events = () =>
    Array.from({ length: 50 }, () => ({ ...imageEvent({ tenant, type: 'image.ready' }), id: v7() }));
  const lines = () => events().map((event) => ({ id: event.id, tenant, event: JSON.stringify(event) }));
  return [
    {
      ...{ by: 'analytics', name: 'addUsage', what: '50 events' },
      run: (c) =>
        addUsage(
          c,
          events().flatMap((event) => usageParts(event, Date.now())),
        ),
    },
    {
      ...{ by: 'sweep', name: 'forgetEvents', what: '10,000' },
      run: (c) => forgetEvents(c, { days: 37, limit: 10_000 }),
    },
    { by: 'audit', name: 'appendLines', what: '50 events', run: (c) => appendLines(c, lines()) },
    {
      ...{ by: 'operate', name: 'readLines', what: 'a deep page' },
      run: (c) => readLines(c, { tenant, after: 200_000 * share, limit: 1_000 }),
    },
    ...[24, 24 * 31].map(
      (hours): Case => ({
        ...{ by: 'operate', name: 'usageOfTenant', what: `${hours} hours` },
        run: (c) => {
          const to = new Date();
          const from = new Date(to.getTime() - hours * 3_600_000);
          return usageOfTenant(c, { tenant, from, to, limit: 1_000 });
        },
      }),
    ),
    ...[false, true].map(
      (deep): Case => ({
        ...{
          by: 'api',
          name: 'usageOfTenant',
          what: deep ? '31 days, a deep page' : '31 days, the first page',
        },
        run: (c) => {
          const to = new Date();
          const from = new Date(to.getTime() - 31 * 86_400_000);
          const hour = new Date(Math.floor(to.getTime() / 3_600_000 - 24) * 3_600_000);
          const after = deep ? { hour, type: 'image.ready', preset: '', code: '' } : undefined;
          return usageOfTenant(c, { tenant, from, to, after, limit: 101 });
        },
      }),
    ),
    { by: 'operate', name: 'auditHead', what: 'of a tenant', run: (c) => auditHead(c, tenant) },
  ];
}

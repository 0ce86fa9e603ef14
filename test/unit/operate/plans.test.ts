import { describe, expect, it } from 'vitest';
import { formatResult, type Results } from '../../../bin/operate/format-result.ts';
import { mistake, useFixture } from './fixture.ts';

const fixture = useFixture();
const shown = async (event: object) => formatResult((await fixture.invoke(event)) as Results);
const pro = { weight: 2, priority: 'bulk', quotas: { images: { perDay: 100, perMinute: 60, burst: 10 } } };

describe('plans', () => {
  it('lists the plans of operators and of the configuration, with their tenants', async () => {
    await fixture.tenant('acme');
    expect(await fixture.invoke({ operation: 'listPlans' })).toEqual({ plans: [] });
    await fixture.invoke({ operation: 'setPlan', plan: 'pro', terms: pro });
    await fixture.invoke({ operation: 'setPlan', plan: 'base', terms: {} });
    await fixture.invoke({ operation: 'givePlan', tenant: 'acme', plan: 'pro' });
    expect(await fixture.invoke({ operation: 'listPlans' })).toEqual({
      plans: [
        { name: 'base', setBy: 'operator', tenants: 0, terms: { weight: 1, quotas: {} } },
        { name: 'pro', setBy: 'operator', tenants: 1, terms: pro },
      ],
    });
    expect(await shown({ operation: 'listPlans' })).toMatch(/^pro +operator +1 +\{"quotas"/m);
  });

  it('replaces a plan', async () => {
    await fixture.invoke({ operation: 'setPlan', plan: 'pro', terms: pro });
    expect(await shown({ operation: 'setPlan', plan: 'pro', terms: { weight: 3 } })).toBe(
      'The plan pro is set. Environments of the API apply it within 30 seconds.',
    );
    const { plans } = await fixture.invoke<{ plans: { terms: object }[] }>({ operation: 'listPlans' });
    expect(plans.map(({ terms }) => terms)).toEqual([{ weight: 3, quotas: {} }]);
  });

  it.each([
    ['a burst below one image', { bytes: { perMinute: 1_000, burst: 1_000 } }, 'quotas.bytes.burst'],
    ['a day below one image', { megapixels: { perDay: 10 } }, 'One request can need 64 megapixels: 10 < 64'],
    ['a burst without a rate', { images: { burst: 5 } }, 'A burst needs perSecond or perMinute'],
    ['two rates', { images: { perSecond: 1, perMinute: 60 } }, 'Set perSecond or perMinute, not both'],
    ['a resource without a bound', { images: {} }, 'Set at least one bound'],
    ['a day above its month', { images: { perDay: 9, perMonth: 5 } }, '9 > 5'],
  ])('refuses %s', async (_, quotas, says) => {
    const set = fixture.invoke({ operation: 'setPlan', plan: 'pro', terms: { quotas } });
    await expect(set).rejects.toMatchObject(mistake('plan_unusable'));
    await expect(set).rejects.toThrow(says);
    expect(await fixture.invoke({ operation: 'listPlans' })).toEqual({ plans: [] });
  });

  it.each([
    ['0', { images: { perDay: 0 } }],
    ['a negative number', { images: { perDay: -1 } }],
    ['a part of an image', { images: { perDay: 1.5 } }],
    ['an absurd number', { images: { perDay: 1e16 } }],
    ['text', { images: { perDay: '5' } }],
    ['an unknown resource', { videos: { perDay: 5 } }],
    ['an unknown window', { images: { perYear: 5 } }],
  ])('refuses a quota of %s', async (_, quotas) => {
    await expect(
      fixture.invoke({ operation: 'setPlan', plan: 'pro', terms: { quotas } }),
    ).rejects.toMatchObject({ name: 'EventMistake' });
  });

  it.each([
    ['missing terms', undefined],
    ['a weight of 0', { weight: 0 }],
    ['an absurd weight', { weight: 1_000 }],
    ['no unused tickets', { maxUnusedTickets: 0 }],
  ])('refuses %s', async (_, terms) => {
    await expect(fixture.invoke({ operation: 'setPlan', plan: 'pro', terms })).rejects.toMatchObject({
      name: 'EventMistake',
    });
  });

  it('gives and takes the plan of a tenant, and knows neither unknown plans nor unknown tenants', async () => {
    await fixture.tenant('acme');
    await expect(
      fixture.invoke({ operation: 'givePlan', tenant: 'acme', plan: 'pro' }),
    ).rejects.toMatchObject(mistake('plan_unknown'));
    await fixture.invoke({ operation: 'setPlan', plan: 'pro', terms: pro });
    await expect(
      fixture.invoke({ operation: 'givePlan', tenant: 'nobody', plan: 'pro' }),
    ).rejects.toMatchObject(mistake('tenant_unknown'));
    await fixture.invoke({ operation: 'givePlan', tenant: 'acme', plan: 'pro' });
    expect(await fixture.invoke({ operation: 'showUse', tenant: 'acme' })).toMatchObject({ plan: 'pro' });
    await fixture.invoke({ operation: 'givePlan', tenant: 'acme', plan: 'default' });
    expect(await shown({ operation: 'showUse', tenant: 'acme' })).toBe(
      'acme has the plan default. It has no quotas.',
    );
  });

  it('a plan that is removed while in use names the number of its tenants, which then have the default plan', async () => {
    for (const tenant of ['acme', 'bold', 'calm']) await fixture.tenant(tenant);
    await fixture.invoke({ operation: 'setPlan', plan: 'pro', terms: pro });
    for (const tenant of ['acme', 'bold'])
      await fixture.invoke({ operation: 'givePlan', tenant, plan: 'pro' });
    expect(await shown({ operation: 'removePlan', plan: 'pro' })).toBe(
      'The plan pro is removed. 2 tenants used it and have the plan default, until they are given another one. ' +
        'Environments of the API apply it within 30 seconds.',
    );
    expect(await shown({ operation: 'showUse', tenant: 'acme' })).toBe(
      'acme has the plan pro, which no longer exists: the default plan applies. It has no quotas.',
    );
    await expect(fixture.invoke({ operation: 'removePlan', plan: 'pro' })).rejects.toMatchObject(
      mistake('plan_unknown'),
    );
  });

  it('shows what a tenant has used of its quotas', async () => {
    await fixture.tenant('acme');
    await fixture.invoke({ operation: 'setPlan', plan: 'pro', terms: pro });
    await fixture.invoke({ operation: 'givePlan', tenant: 'acme', plan: 'pro' });
    await fixture.sql.query(
      "insert into quota_use (tenant_id, resource, of_day, of_month) values ('acme', 'images', 30, 70), ('acme', 'bytes', 5, 5)",
    );
    await fixture.sql.query(
      "insert into quota_return select 'acme', 'images', 4, (now() at time zone 'UTC')::date, now()",
    );
    expect(await fixture.invoke({ operation: 'showUse', tenant: 'acme' })).toMatchObject({
      plan: 'pro',
      terms: pro,
      use: [
        { resource: 'images', today: 26, thisMonth: 66, quota: pro.quotas.images },
        { resource: 'bytes', today: 5, thisMonth: 5, quota: null },
      ],
    });
    expect(await shown({ operation: 'showUse', tenant: 'acme' })).toBe(
      [
        'acme has the plan pro.',
        'resource  today      this month  rate',
        'images    26 of 100  66 of any   60 a minute, 10 at once',
        'bytes     5 of any   5 of any    any',
      ].join('\n'),
    );
    await expect(fixture.invoke({ operation: 'showUse', tenant: 'nobody' })).rejects.toMatchObject(
      mistake('tenant_unknown'),
    );
  });

  it('counts of an earlier day or month are over', async () => {
    await fixture.tenant('acme');
    await fixture.sql.query(
      "insert into quota_use (tenant_id, resource, day, of_day, of_month) values ('acme', 'images', '2001-01-01', 30, 70)",
    );
    expect(await fixture.invoke({ operation: 'showUse', tenant: 'acme' })).toMatchObject({
      use: [{ resource: 'images', today: 0, thisMonth: 0 }],
    });
  });
});

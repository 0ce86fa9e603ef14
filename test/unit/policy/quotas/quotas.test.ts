import { describe, expect, it } from 'vitest';
import { type Plan, unlimitedPlan } from '../../../../lambda/domain/plan.ts';
import { images, simulate, taken } from './simulation.ts';

describe('quotas', () => {
  it('a tenant without quotas costs no statement', async () => {
    const { environment, leases } = simulate({ plan: unlimitedPlan });
    expect(await environment().take('acme', { requests: 1, images: 1, bytes: 5 })).toEqual({
      outcome: 'taken',
      limits: [],
      amounts: {},
    });
    expect(leases).toEqual([]);
  });

  it('one statement leases all bounded resources of a request', async () => {
    const plan: Plan = {
      weight: 1,
      quotas: { images: { perDay: 5 }, bytes: { perDay: 30_000_000 }, megapixels: { perMonth: 200 } },
    };
    const { environment, leases } = simulate({ plan });
    const result = await environment().take('acme', { images: 1, bytes: 1_000, megapixels: 64 });
    expect(result).toMatchObject({
      outcome: 'taken',
      day: '2026-11-15',
      amounts: { images: 1, bytes: 1_000, megapixels: 64 },
    });
    expect(leases).toHaveLength(1);
    expect(leases[0]?.asks.map(({ resource }) => resource)).toEqual(['images', 'bytes', 'megapixels']);
  });

  it('names the violated limits and when a request fits, and asks once for all refused', async () => {
    const plan = images({ perMinute: 60, burst: 2, perDay: 1_000 });
    const { environment, leases } = simulate({ plan });
    const quotas = environment();
    await quotas.take('acme', { images: 1 });
    await quotas.take('acme', { images: 1 });
    expect(await quotas.take('acme', { images: 1 })).toMatchObject({
      outcome: 'refused',
      violated: ['images-burst'],
      retryAfterSeconds: 1,
      limits: [
        { name: 'images-burst', quota: 2, windowSeconds: 2, remaining: 0, resetSeconds: 1 },
        { name: 'images-day', quota: 1_000, windowSeconds: 86_400, remaining: 998 },
      ],
    });
    const statements = leases.length;
    for (let count = 0; count < 100; count += 1)
      expect(taken(await quotas.take('acme', { images: 1 }))).toBe(false);
    expect(leases.length).toBe(statements);
  });

  it('those refused together are told different times, within the refill of the bucket', async () => {
    const { environment } = simulate({ plan: images({ perSecond: 1, burst: 20 }) });
    const quotas = environment();
    const results = await Promise.all(Array.from({ length: 60 }, () => quotas.take('acme', { images: 1 })));
    const told = results.flatMap((result) =>
      result.outcome === 'refused' ? Math.ceil(result.retryAfterSeconds) : [],
    );
    expect(told).toHaveLength(40);
    expect(new Set(told).size).toBe(20);
    expect(Math.max(...told)).toBeLessThanOrEqual(20);
  });

  it('a smaller request than the refused one asks the store', async () => {
    const plan: Plan = { weight: 1, quotas: { bytes: { perDay: 30_000_000 } } };
    const { environment } = simulate({ plan });
    const quotas = environment();
    await quotas.take('acme', { bytes: 20_000_000 });
    expect(await quotas.take('acme', { bytes: 20_000_000 })).toMatchObject({ violated: ['bytes-day'] });
    expect(taken(await quotas.take('acme', { bytes: 10_000_000 }))).toBe(true);
  });

  it('what a request gave back is taken by the next one', async () => {
    const { environment, leases } = simulate({ plan: images({ perDay: 1 }) });
    const quotas = environment();
    const first = await quotas.take('acme', { images: 1 });
    if (first.outcome !== 'taken') throw new Error('refused');
    quotas.giveBack('acme', first);
    expect(taken(await quotas.take('acme', { images: 1 }))).toBe(true);
    expect(leases).toHaveLength(1);
    expect(taken(await quotas.take('acme', { images: 1 }))).toBe(false);
  });

  it('what is given back after the slice ended goes to the store', async () => {
    const { environment, pass, returned } = simulate({ plan: images({ perDay: 1 }) });
    const [one, other] = [environment(), environment()];
    const first = await one.take('acme', { images: 1 });
    if (first.outcome !== 'taken') throw new Error('refused');
    pass(10);
    one.giveBack('acme', first);
    expect(taken(await other.take('acme', { images: 1 }))).toBe(false);
    await one.flush();
    expect(returned).toMatchObject([{ tenant: 'acme', amount: 1, day: '2026-11-15', ageSeconds: 10 }]);
    pass(2);
    expect(taken(await other.take('acme', { images: 1 }))).toBe(true);
  });

  it('another plan applies at once when it is noted, to refused requests too', async () => {
    const { environment } = simulate({ plan: images({ perDay: 1 }) });
    const quotas = environment();
    await quotas.take('acme', { images: 1 });
    expect(taken(await quotas.take('acme', { images: 1 }))).toBe(false);
    quotas.note('acme', { plan: 'pro', named: images({ perDay: 2 }), fallback: null });
    expect(quotas.planOf('acme')).toEqual(images({ perDay: 2 }));
    expect(taken(await quotas.take('acme', { images: 1 }))).toBe(true);
    expect(taken(await quotas.take('acme', { images: 1 }))).toBe(false);
    quotas.note('acme', { plan: 'gone', named: null, fallback: null });
    expect(quotas.planOf('acme')).toEqual(images({ perDay: 1 }));
  });

  it('a tenant that was removed is told so', async () => {
    const { environment, removeTenant } = simulate({ plan: images({ perDay: 5 }) });
    removeTenant();
    expect(await environment().take('acme', { images: 1 })).toEqual({ outcome: 'tenant_gone' });
  });

  it('an unavailable store neither grants nor refuses, and is asked again', async () => {
    const { environment, fail } = simulate({ plan: images({ perDay: 5 }) });
    const quotas = environment();
    fail(new Error('away'));
    const results = await Promise.allSettled([
      quotas.take('acme', { images: 1 }),
      quotas.take('acme', { images: 1 }),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    fail(undefined);
    expect(taken(await quotas.take('acme', { images: 1 }))).toBe(true);
  });

  it('forgets idle tenants', async () => {
    const { environment, leases, pass } = simulate({ plan: images({ perDay: 5 }) });
    const quotas = environment();
    for (let count = 0; count < 2_500; count += 1) {
      await quotas.take(`tenant-${count}`, { images: 1 });
      pass(0.01);
    }
    expect(leases).toHaveLength(2_500);
    expect(taken(await quotas.take('tenant-0', { images: 1 }))).toBe(true);
  });
});

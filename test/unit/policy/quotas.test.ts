import { describe, expect, it } from 'vitest';
import { type Plan, unlimitedPlan } from '../../../lambda/domain/plan.ts';
import type { LeaseRequest, QuotaStore } from '../../../lambda/domain/quota-store.ts';
import { memoryQuotas } from '../../../lambda/policy/quota-memory.ts';
import { openQuotas, type Quotas } from '../../../lambda/policy/quotas.ts';
import { settings } from '../api/settings.ts';

const noon = Date.UTC(2026, 10, 15, 12) / 1000;

/** Environments that share a store, in simulated time. The store's clock is an hour ahead of theirs. */
function simulate({ plan, at = noon }: { plan: Plan; at?: number }) {
  let now = at;
  const leases: LeaseRequest[] = [];
  const returned: unknown[] = [];
  let gone = false;
  const memory = memoryQuotas(
    () => now + 3_600,
    () => !gone,
  );
  let away: Error | undefined;
  const store: QuotaStore = {
    async lease(request) {
      if (away !== undefined) throw away;
      leases.push(request);
      return memory.lease(request);
    },
    async giveBack(rests) {
      returned.push(...rests);
      await memory.giveBack(rests);
    },
  };
  const environment = (clock = () => ({ monotonic: now - at, wall: now })): Quotas =>
    openQuotas({ store, plans: { default: plan }, limits: settings.limits, clock });
  return {
    store,
    leases,
    returned,
    environment,
    pass(seconds: number) {
      now += seconds;
    },
    now: () => now,
    fail(error: Error | undefined) {
      away = error;
    },
    removeTenant() {
      gone = true;
    },
  };
}
const images = (quota: Plan['quotas']['images']): Plan => ({ weight: 1, quotas: { images: quota } });
const taken = (result: { outcome: string }) => result.outcome === 'taken';

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

  it('a quiet tenant leases what it needs and nothing more', async () => {
    const { environment, leases, pass } = simulate({ plan: images({ perDay: 1_000_000 }) });
    const quotas = environment();
    for (let count = 0; count < 20; count += 1) {
      expect(taken(await quotas.take('acme', { images: 1 }))).toBe(true);
      pass(3);
    }
    expect(leases.map(({ asks }) => asks[0]?.want)).toEqual(Array(20).fill(1));
  });

  it('1,000 requests a second over 20 environments take about 20 leases a second', async () => {
    const plan: Plan = { weight: 1, quotas: { requests: { perSecond: 2_000, perDay: 100_000_000 } } };
    const { environment, leases, pass } = simulate({ plan });
    const environments = Array.from({ length: 20 }, () => environment());
    const second = async () => {
      for (let count = 0; count < 1_000; count += 1) {
        pass(0.001);
        expect(taken(await (environments[count % 20] as Quotas).take('acme', { requests: 1 }))).toBe(true);
      }
    };
    for (let count = 0; count < 4; count += 1) await second();
    const before = leases.length;
    for (let count = 0; count < 5; count += 1) await second();
    expect((leases.length - before) / 5).toBeGreaterThanOrEqual(10);
    expect((leases.length - before) / 5).toBeLessThanOrEqual(40);
  });

  it('a tenant at twice its rate gets its rate, in leases that stay few', async () => {
    const plan: Plan = { weight: 1, quotas: { requests: { perSecond: 500 } } };
    const { environment, leases, pass } = simulate({ plan });
    const environments = Array.from({ length: 20 }, () => environment());
    let granted = 0;
    const run = async (seconds: number) => {
      for (let count = 0; count < 1_000 * seconds; count += 1) {
        pass(0.001);
        const result = await (environments[count % 20] as Quotas).take('acme', { requests: 1 });
        granted += taken(result) ? 1 : 0;
        if (count % 100 === 0) await (environments[(count / 100) % 20] as Quotas).flush();
      }
    };
    await run(15);
    const [before, statements] = [granted, leases.length];
    await run(10);
    expect((granted - before) / 10).toBeGreaterThan(450);
    expect((granted - before) / 10).toBeLessThanOrEqual(550);
    expect((leases.length - statements) / 10).toBeLessThan(150);
    expect(granted).toBeLessThanOrEqual(5_000 + 500 * (25 + 2));
  });

  it('requests that wait share one lease', async () => {
    const { environment, leases } = simulate({ plan: images({ perDay: 1_000 }) });
    const quotas = environment();
    const results = await Promise.all(Array.from({ length: 50 }, () => quotas.take('acme', { images: 1 })));
    expect(results.every(taken)).toBe(true);
    expect(leases).toHaveLength(2);
  });

  it('environments that lease and never come back hold at most a twentieth of what is left', async () => {
    const { environment } = simulate({ plan: images({ perDay: 1_000 }) });
    for (let count = 0; count < 20; count += 1) {
      const frozen = environment();
      for (let spent = 0; spent < 10; spent += 1) await frozen.take('acme', { images: 1 });
    }
    const last = environment();
    let more = 0;
    while (taken(await last.take('acme', { images: 1 }))) more += 1;
    expect(200 + more).toBeGreaterThanOrEqual(950);
    expect(200 + more).toBeLessThanOrEqual(1_000);
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

  it('unspent slices return to the store, at most once a second', async () => {
    const { environment, pass, returned } = simulate({ plan: images({ perDay: 1_000_000 }) });
    const quotas = environment();
    const first = await quotas.take('acme', { images: 1 });
    if (first.outcome !== 'taken') throw new Error('refused');
    for (let count = 0; count < 100; count += 1) {
      await quotas.take('acme', { images: 1 });
      pass(0.01);
    }
    await quotas.flush();
    expect(returned).toEqual([]);
    pass(5);
    await quotas.flush();
    expect(returned).toHaveLength(1);
    quotas.giveBack('acme', first);
    await quotas.flush();
    expect(returned).toHaveLength(1);
    pass(1);
    await quotas.flush();
    expect(returned).toHaveLength(2);
  });

  it('a slice is not spent on the next day, whatever the clock of the environment', async () => {
    // The store's day ends one second after the lease; its clock is an hour ahead.
    const midnight = Date.UTC(2026, 10, 16) / 1000;
    const { environment, pass, leases } = simulate({
      plan: images({ perDay: 10_000 }),
      at: midnight - 3_601,
    });
    const quotas = environment();
    await Promise.all(Array.from({ length: 30 }, () => quotas.take('acme', { images: 1 })));
    await quotas.take('acme', { images: 1 });
    const before = leases.length;
    pass(1);
    expect(await quotas.take('acme', { images: 1 })).toMatchObject({ day: '2026-11-16' });
    expect(leases.length).toBe(before + 1);
    expect(leases.at(-1)?.rests.every(({ day }) => day === '2026-11-15')).toBe(true);
  });

  it.each([
    ['monotonic', (passed: number) => ({ monotonic: passed, wall: noon })],
    ['wall', (passed: number) => ({ monotonic: 0, wall: noon + passed })],
  ])('a slice ends when the %s clock says so, because the other one stood still', async (_, at) => {
    let passed = 0;
    const { environment, leases } = simulate({ plan: images({ perDay: 1_000_000 }) });
    const quotas = environment(() => at(passed));
    await Promise.all(Array.from({ length: 30 }, () => quotas.take('acme', { images: 1 })));
    await quotas.take('acme', { images: 1 });
    await quotas.take('acme', { images: 1 });
    const before = leases.length;
    await quotas.take('acme', { images: 1 });
    expect(leases.length).toBe(before);
    passed = 2;
    await quotas.take('acme', { images: 1 });
    expect(leases.length).toBe(before + 1);
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

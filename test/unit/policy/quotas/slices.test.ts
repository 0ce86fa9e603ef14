import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../../lambda/domain/plan.ts';
import type { Quotas } from '../../../../lambda/policy/quotas/quotas.ts';
import { images, noon, simulate, taken } from './simulation.ts';

describe('slices of a quota', () => {
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
});

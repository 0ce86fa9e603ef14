import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Ask, Bounds, LeaseAnswer, QuotaStore, Rest } from '../../../lambda/domain/quota-store.ts';
import type { Resource } from '../../../lambda/domain/resources.ts';

/** A store under test, with tenants and time. */
export interface StoreUnderTest {
  store: QuotaStore;
  /** Creates a tenant that nothing was counted for. */
  tenant(): Promise<string>;
  /** Lets time pass within the day. */
  pass(tenant: string, seconds: number): Promise<void>;
  nextDay(tenant: string): Promise<void>;
  nextMonth(tenant: string): Promise<void>;
  close(): Promise<void>;
}

const ask = (bounds: Bounds, amounts: Partial<Ask> = {}, resource: Resource = 'images'): Ask => {
  const need = amounts.need ?? 1;
  const queue = amounts.queue ?? need;
  return { resource, bounds, need, queue, want: amounts.want ?? queue };
};
const grantedIn = (answer: LeaseAnswer | undefined) => answer?.leases.map(({ granted }) => granted);

/** What every store of quotas does. */
export function describeQuotaStore(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`the quota store ${name}`, () => {
    let under: StoreUnderTest;
    beforeAll(async () => {
      under = await open();
    });
    afterAll(() => under.close());

    const lease = (tenant: string, asks: Ask[], rests: Rest[] = []) =>
      under.store.lease({ tenant, asks, rests });
    const one = async (tenant: string, of: Ask, rests: Rest[] = []) => {
      const answer = await lease(tenant, [of], rests);
      const [first] = answer?.leases ?? [];
      if (answer === undefined || first === undefined) throw new Error('no lease');
      return { ...first, day: answer.day };
    };
    const rest = (amount: number, day: string, ageSeconds = 0): Rest => ({
      resource: 'images',
      amount,
      day,
      ageSeconds,
    });

    it('grants what is asked for and returns what remains of each window', async () => {
      const tenant = await under.tenant();
      const bounds = { rate: { perSecond: 0.001, burst: 50 }, perDay: 100, perMonth: 1_000 };
      expect(await one(tenant, ask(bounds, { need: 10 }))).toMatchObject({
        resource: 'images',
        granted: 10,
        remaining: { rate: expect.closeTo(40, 0), day: 90, month: 990 },
      });
    });

    it('counts no window that has no bound', async () => {
      const tenant = await under.tenant();
      expect(await one(tenant, ask({ perDay: 5 }))).toMatchObject({ remaining: { day: 4 } });
      expect((await one(tenant, ask({ perDay: 5 }))).remaining).toEqual({ day: 3 });
    });

    it('is never above a bound, however many lease at once', async () => {
      const tenant = await under.tenant();
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => one(tenant, ask({ perDay: 100 }, { need: 7 }))),
      );
      expect(answers.reduce((sum, { granted }) => sum + granted, 0)).toBe(98);
    });

    it('is never above a bound while 50 lease, spend half and give back at once, and all of it can be used', async () => {
      const tenant = await under.tenant();
      const bounds = { perDay: 400, perMonth: 1_000 };
      let spent = 0;
      const client = async () => {
        for (let round = 0; round < 4; round += 1) {
          const { granted, day } = await one(tenant, ask(bounds, { need: 2, queue: 4 }));
          spent += Math.ceil(granted / 2);
          if (granted > 1) await under.store.giveBack([{ tenant, ...rest(Math.floor(granted / 2), day) }]);
        }
      };
      await Promise.all(Array.from({ length: 50 }, client));
      expect(spent).toBeLessThanOrEqual(400);
      const { remaining } = await one(tenant, ask(bounds, { need: 401 }));
      expect(remaining).toEqual({ day: 400 - spent, month: 1_000 - spent });
    });

    it('grants all resources of a request or none', async () => {
      const tenant = await under.tenant();
      const asks = (bytes: number) => [ask({ perDay: 10 }), ask({ perDay: 1_000 }, { need: bytes }, 'bytes')];
      expect(grantedIn(await lease(tenant, asks(1_001)))).toEqual([0, 0]);
      const answer = await lease(tenant, asks(1_000));
      expect(answer?.leases).toHaveLength(2);
      expect(answer?.leases).toEqual(
        expect.arrayContaining([
          { resource: 'images', granted: 1, remaining: { day: 9 } },
          { resource: 'bytes', granted: 1_000, remaining: { day: 0 } },
        ]),
      );
    });

    it('grants the line as much as is left, in whole units', async () => {
      const tenant = await under.tenant();
      expect(await one(tenant, ask({ perDay: 30 }, { queue: 50 }))).toMatchObject({ granted: 30 });
      expect(await one(tenant, ask({ perDay: 30 }, { queue: 20 }))).toMatchObject({
        granted: 0,
        remaining: { day: 0 },
      });
    });

    it('grants fractions where a request needs one', async () => {
      const tenant = await under.tenant();
      const megapixels = ask({ perDay: 100 }, { need: 62.5 }, 'megapixels');
      expect(await one(tenant, megapixels)).toMatchObject({ granted: 62.5, remaining: { day: 37.5 } });
      expect(await one(tenant, megapixels)).toMatchObject({ granted: 0 });
    });

    it('grants expected requests a 400th of what is left of a day', async () => {
      const tenant = await under.tenant();
      expect(await one(tenant, ask({ perDay: 8_000 }, { want: 100 }))).toMatchObject({ granted: 20 });
      expect(await one(tenant, ask({ perMonth: 80_000 }, { want: 100 }))).toMatchObject({ granted: 100 });
    });

    it('grants expected requests what a bucket has', async () => {
      const tenant = await under.tenant();
      const bounds = { rate: { perSecond: 0.001, burst: 80 } };
      expect(await one(tenant, ask(bounds, { want: 50 }))).toMatchObject({ granted: 50 });
      expect(await one(tenant, ask(bounds, { want: 50 }))).toMatchObject({ granted: 30 });
    });

    it('takes back the rest of a slice before it cuts the next one', async () => {
      const tenant = await under.tenant();
      const { day } = await one(tenant, ask({ perDay: 10 }, { need: 10 }));
      expect(await one(tenant, ask({ perDay: 10 }, { need: 4 }), [rest(4, day)])).toMatchObject({
        granted: 4,
        remaining: { day: 0 },
      });
    });

    it('takes back what is returned later, once', async () => {
      const tenant = await under.tenant();
      const { day } = await one(tenant, ask({ perDay: 10 }, { need: 10 }));
      await under.store.giveBack([{ tenant, ...rest(3, day) }]);
      expect(await one(tenant, ask({ perDay: 10 }, { need: 4 }))).toMatchObject({ granted: 0 });
      expect(await one(tenant, ask({ perDay: 10 }, { need: 3 }))).toMatchObject({ granted: 3 });
      expect(await one(tenant, ask({ perDay: 10 }))).toMatchObject({ granted: 0 });
    });

    it('counts what comes back in the day and month that it was taken in', async () => {
      const tenant = await under.tenant();
      const bounds = { perDay: 10, perMonth: 10 };
      await one(tenant, ask(bounds, { need: 10 }));
      await under.store.giveBack([{ tenant, ...rest(10, '2001-01-01') }]);
      expect(await one(tenant, ask(bounds))).toMatchObject({ granted: 0, remaining: { day: 0, month: 0 } });
    });

    it('never counts less than nothing', async () => {
      const tenant = await under.tenant();
      const { day } = await one(tenant, ask({ perDay: 10 }, { need: 1 }));
      await under.store.giveBack([{ tenant, ...rest(500, day) }]);
      expect(await one(tenant, ask({ perDay: 10 }, { need: 10 }))).toMatchObject({ granted: 10 });
      expect(await one(tenant, ask({ perDay: 10 }))).toMatchObject({ granted: 0 });
    });

    it('refills a bucket at its rate, up to its burst', async () => {
      const tenant = await under.tenant();
      const bounds = { rate: { perSecond: 1, burst: 100 } };
      expect(await one(tenant, ask(bounds, { need: 100 }))).toMatchObject({ granted: 100 });
      expect(await one(tenant, ask(bounds, { need: 60 }))).toMatchObject({ granted: 0 });
      await under.pass(tenant, 50);
      expect(await one(tenant, ask(bounds, { need: 60 }))).toMatchObject({ granted: 0 });
      expect(await one(tenant, ask(bounds, { need: 50 }))).toMatchObject({ granted: 50 });
      await under.pass(tenant, 1_000);
      expect(await one(tenant, ask(bounds, { need: 101 }))).toMatchObject({ granted: 0 });
      expect(await one(tenant, ask(bounds, { need: 100 }))).toMatchObject({ granted: 100 });
    });

    it('counts a late return to a bucket less what has flowed in meanwhile', async () => {
      const tenant = await under.tenant();
      const bounds = { rate: { perSecond: 1, burst: 100 } };
      const { day } = await one(tenant, ask(bounds, { need: 100 }));
      expect(await one(tenant, ask(bounds, { need: 31 }), [rest(90, day, 60)])).toMatchObject({ granted: 0 });
      const more = await under.tenant();
      await one(more, ask(bounds, { need: 100 }));
      expect(await one(more, ask(bounds, { need: 30 }), [rest(90, day, 60)])).toMatchObject({ granted: 30 });
    });

    it('begins every day anew', async () => {
      const tenant = await under.tenant();
      const { day } = await one(tenant, ask({ perDay: 10 }, { need: 10 }));
      await under.nextDay(tenant);
      const next = await one(tenant, ask({ perDay: 10 }, { need: 10 }));
      expect(next.granted).toBe(10);
      expect(next.day >= day).toBe(true);
    });

    it('begins every month anew', async () => {
      const tenant = await under.tenant();
      await one(tenant, ask({ perMonth: 10 }, { need: 10 }));
      expect(await one(tenant, ask({ perMonth: 10 }))).toMatchObject({ granted: 0 });
      await under.nextMonth(tenant);
      expect(await one(tenant, ask({ perMonth: 10 }, { need: 10 }))).toMatchObject({ granted: 10 });
    });

    it('keeps counting the month on the next day, and nothing of the month before', async () => {
      const tenant = await under.tenant();
      const bounds = { perDay: 10, perMonth: 15 };
      await one(tenant, ask(bounds, { need: 10 }));
      await under.nextMonth(tenant);
      expect(await one(tenant, ask(bounds, { need: 4 }))).toMatchObject({ remaining: { day: 6, month: 11 } });
      expect(await one(tenant, ask(bounds, { need: 7 }))).toMatchObject({
        granted: 0,
        remaining: { day: 6, month: 11 },
      });
    });

    it('tells when the day and the month end', async () => {
      const answer = await lease(await under.tenant(), [ask({ perDay: 1 })]);
      expect(answer?.dayEndsInSeconds).toBeGreaterThan(0);
      expect(answer?.dayEndsInSeconds).toBeLessThanOrEqual(86_400);
      expect(answer?.monthEndsInSeconds).toBeGreaterThanOrEqual(answer?.dayEndsInSeconds ?? Infinity);
      expect(answer?.day).toMatch(/^\d{4}-\d\d-\d\d$/);
    });

    it('knows no tenant that does not exist', async () => {
      expect(await lease('nobody', [ask({ perDay: 1 })])).toBeUndefined();
      await under.store.giveBack([{ tenant: 'nobody', ...rest(1, '2026-11-29') }]);
    });

    it('keeps tenants and resources apart', async () => {
      const [first, second] = [await under.tenant(), await under.tenant()];
      expect(await one(first, ask({ perDay: 1 }))).toMatchObject({ granted: 1 });
      expect(await one(second, ask({ perDay: 1 }))).toMatchObject({ granted: 1 });
      expect(await one(first, ask({ perDay: 1 }, {}, 'requests'))).toMatchObject({ granted: 1 });
      expect(await one(first, ask({ perDay: 1 }))).toMatchObject({ granted: 0 });
    });
  });
}

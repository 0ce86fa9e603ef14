import { describe, expect, it } from 'vitest';
import { savePart } from '../../../lambda/valkey/quotas.ts';
import { valkeyIsHere } from '../../support/valkey/server.ts';
import { ask, useCounters } from './valkey-fixture.ts';

/* Counters that are lost, and what Postgres has of them. */

describe.skipIf(!valkeyIsHere())('counters on Valkey', () => {
  const counters = useCounters();

  describe('that are lost', () => {
    it('are rebuilt from Postgres, day and month and bucket', async () => {
      const bounds = { rate: { perSecond: 0.001, burst: 100 }, perDay: 100, perMonth: 150 };
      await counters.lease(bounds, 60);
      await counters.db.admin.query(`update quota_use set of_month = 120 where tenant_id = $1`, [
        counters.tenant,
      ]);
      await counters.server.kill();
      await counters.server.start();
      expect(await counters.server.admin.dbsize()).toBe(0);
      expect(await counters.lease(bounds, 31)).toMatchObject({
        granted: 0,
        remaining: { day: 40, month: 30 },
      });
      const { granted, remaining } = await counters.lease(bounds, 30);
      expect(granted).toBe(30);
      expect(remaining).toEqual({ rate: expect.closeTo(10, 0), day: 10, month: 0 });
    });

    it.each([20, 1_000, 100_000])(
      'let a quota of %i be exceeded by a twentieth for each loss at most',
      async (perDay) => {
        const need = Math.ceil(perDay / 200);
        let spent = 0;
        for (let losses = 0; losses < 5; losses += 1) {
          for (let n = 0; n < 100; n += 1) spent += (await counters.lease({ perDay }, need)).granted;
          await counters.server.admin.flushall();
        }
        // Each loss forgets less than a twentieth.
        expect(spent).toBeGreaterThanOrEqual(0.95 * perDay);
        expect(spent).toBeLessThanOrEqual(perDay * (1 + 5 * savePart));
        expect(counters.unsaved).toEqual([]);
      },
    );

    it('are saved by one of 50 clients at once, about twenty times a day by their amount', async () => {
      const perDay = 2_000;
      let saves = 0;
      const records = counters.records();
      const counted = counters.store({
        read: records.read,
        save: (...terms) => {
          saves += 1;
          return records.save(...terms);
        },
      });
      const client = async () => {
        for (let n = 0; n < 20; n += 1)
          await counted.lease({ tenant: counters.tenant, asks: [ask({ perDay }, 1)], rests: [] });
      };
      await Promise.all(Array.from({ length: 50 }, client));
      expect(saves).toBeGreaterThanOrEqual(10);
      expect(saves).toBeLessThanOrEqual(20);
      expect((await counters.row())?.of_day).toBeGreaterThanOrEqual(900);
    });

    it('a save that another one overtook does not take anything back', async () => {
      await counters.lease({ perDay: 1_000 }, 100);
      const row = {
        resource: 'images' as const,
        bucket: 0,
        returnedOfDay: 0,
        returnedOfMonth: 0,
        perSecond: 0,
      };
      const { day } = await counters.lease({ perDay: 1_000 }, 100);
      await counters
        .records()
        .save(counters.tenant, [{ ...row, bucketAt: Date.now() / 1000 - 60, day, ofDay: 5, ofMonth: 5 }]);
      expect(await counters.row()).toMatchObject({ of_day: 200, of_month: 200 });
    });

    it('are not invented for a tenant that does not exist', async () => {
      const asks = [ask({ perDay: 1 }, 1)];
      expect(await counters.store().lease({ tenant: 'nobody', asks, rests: [] })).toBeUndefined();
      expect(await counters.server.admin.exists('sluice:{nobody}:images')).toBe(0);
    });

    it('that Postgres counted before are continued', async () => {
      await counters.db.admin.query(
        `insert into quota_use (tenant_id, resource, of_day, of_month) values ($1, 'images', 90, 95)`,
        [counters.tenant],
      );
      expect(await counters.lease({ perDay: 100, perMonth: 100 }, 6)).toMatchObject({ granted: 0 });
      expect(await counters.lease({ perDay: 100, perMonth: 100 }, 5)).toMatchObject({ granted: 5 });
    });
  });

  describe('and what comes back through Postgres', () => {
    it('is counted by the next save, once, and the row that brought it is gone', async () => {
      const { day } = await counters.lease({ perDay: 100, perMonth: 100 }, 50);
      await counters.comesBack(20, day);
      await counters.later();
      await counters.lease({ perDay: 100, perMonth: 100 }, 1);
      expect(await counters.lease({ perDay: 100, perMonth: 100 }, 1)).toMatchObject({
        remaining: { day: 68, month: 68 },
      });
      await counters.later();
      await counters.lease({ perDay: 100, perMonth: 100 }, 1);
      expect(await counters.lease({ perDay: 100, perMonth: 100 }, 1)).toMatchObject({
        remaining: { day: 66 },
      });
      const left = await counters.db.admin.query('select 1 from quota_return where tenant_id = $1', [
        counters.tenant,
      ]);
      expect(left.rowCount).toBe(0);
    });

    it('lets a refused request in at once', async () => {
      const { day } = await counters.lease({ perDay: 50 }, 50);
      await counters.comesBack(20, day);
      await counters.later();
      expect(await counters.lease({ perDay: 50 }, 20)).toMatchObject({ granted: 20, remaining: { day: 0 } });
    });

    it('is counted once if the server was killed after Postgres had it, and if it is sent twice', async () => {
      const { day } = await counters.lease({ perDay: 100 }, 50);
      await counters.comesBack(20, day);
      await counters.later();
      const records = counters.records();
      const killing = counters.store({
        read: records.read,
        async save(...terms) {
          const totals = await records.save(...terms);
          await counters.closeConnections();
          // The connection is new after this, and the totals arrive twice.
          await records.save(...terms);
          return totals;
        },
      });
      await killing.lease({ tenant: counters.tenant, asks: [ask({ perDay: 100 }, 1)], rests: [] });
      expect(await counters.row()).toMatchObject({ of_day: 31, returned_of_day: 20 });
      await counters.later();
      await counters.lease({ perDay: 100 }, 1);
      expect(await counters.lease({ perDay: 100 }, 1)).toMatchObject({ remaining: { day: 67 } });
      await counters.server.admin.flushall();
      expect(await counters.lease({ perDay: 100 }, 1)).toMatchObject({
        remaining: { day: expect.any(Number) },
      });
      expect((await counters.row())?.of_day).toBeLessThanOrEqual(34);
      expect((await counters.row())?.of_day).toBeGreaterThanOrEqual(32);
    });

    it('is not taken away again by an earlier save that arrives late', async () => {
      const { day } = await counters.lease({ perDay: 100 }, 50);
      await counters.comesBack(20, day);
      await counters.later();
      const records = counters.records();
      const late = counters.store({
        read: records.read,
        async save(...terms) {
          const totals = await records.save(...terms);
          await counters.comesBack(10, day);
          await counters.later();
          await counters.lease({ perDay: 100 }, 1);
          return totals;
        },
      });
      await late.lease({ tenant: counters.tenant, asks: [ask({ perDay: 100 }, 1)], rests: [] });
      expect(await counters.lease({ perDay: 100 }, 1)).toMatchObject({ remaining: { day: 77 } });
    });

    it('of another day counts in its month only', async () => {
      await counters.lease({ perDay: 100, perMonth: 100 }, 50);
      await counters.comesBack(20, '2001-01-01');
      await counters.later();
      await counters.lease({ perDay: 100, perMonth: 100 }, 1);
      expect(await counters.lease({ perDay: 100, perMonth: 100 }, 1)).toMatchObject({
        remaining: { day: 48, month: 48 },
      });
    });
  });
});

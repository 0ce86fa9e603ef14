import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { guardStore } from '../../../lambda/api/quotas/store-breaker.ts';
import { withoutCounters } from '../../../lambda/api/quotas/uncounted.ts';
import { TransientFailure } from '../../../lambda/domain/failure.ts';
import type { Ask, Bounds } from '../../../lambda/domain/quota-store.ts';
import { openQuotas } from '../../../lambda/policy/quotas/quotas.ts';
import { keepOpen } from '../../../lambda/postgres/connection/persistent-connection.ts';
import { postgresRecords } from '../../../lambda/postgres/quotas/records.ts';
import { openValkey } from '../../../lambda/valkey/connection.ts';
import { savePart, valkeyQuotas } from '../../../lambda/valkey/quotas.ts';
import { recordMetrics } from '../../support/metrics.ts';
import { patience } from '../../support/pace.ts';
import { startValkey, type ValkeyServer, valkeyIsHere } from '../../support/valkey/server.ts';
import { settings } from '../api/settings.ts';
import { openTestDb, type TestDb } from '../postgres/rows.ts';

/* A server of counters that is lost, away or slow, and what Postgres has of them. */

describe.skipIf(!valkeyIsHere())('counters on Valkey', () => {
  let db: TestDb;
  let server: ValkeyServer;
  let database: ReturnType<typeof keepOpen>;
  let connection: ReturnType<typeof openValkey>;
  let unsaved: unknown[];
  let tenant: string;
  let tenants = 0;

  beforeAll(async () => {
    [db, server] = await Promise.all([openTestDb(), startValkey()]);
    database = keepOpen(db.options('sluice_api'));
    connection = openValkey({
      host: server.socket,
      port: 0,
      tls: 'off',
      connectTimeoutMs: patience(2_000),
      callTimeoutMs: patience(500),
    });
  });
  afterAll(async () => {
    connection.close();
    await database.close();
    await Promise.all([db.close(), server.close()]);
  });
  beforeEach(async () => {
    unsaved = [];
    tenant = `tenant-${++tenants}`;
    await db.admin.query('insert into tenant (id) values ($1)', [tenant]);
  });

  const store = (records = postgresRecords(database)) =>
    valkeyQuotas({ connection, records, onUnsaved: (error) => unsaved.push(error) });
  const ask = (bounds: Bounds, need: number, resource: Ask['resource'] = 'images'): Ask => ({
    resource,
    bounds,
    need,
    queue: need,
    want: need,
  });
  const lease = async (bounds: Bounds, need = 1, resource: Ask['resource'] = 'images') => {
    const answer = await store().lease({ tenant, asks: [ask(bounds, need, resource)], rests: [] });
    const [first] = answer?.leases ?? [];
    if (answer === undefined || first === undefined) throw new Error('no lease');
    return { ...first, day: answer.day };
  };
  const rowOf = async (resource = 'images') => {
    const { rows } = await db.admin.query(
      `select of_day, of_month, returned_of_day, bucket from quota_use where tenant_id = $1 and resource = $2`,
      [tenant, resource],
    );
    return rows[0] as { of_day: number; of_month: number; returned_of_day: number; bucket: number };
  };
  /** A reservation that ended in Postgres, as the trigger of images returns it. */
  const comesBack = (amount: number, day: string, resource = 'images') =>
    db.admin.query('insert into quota_return values ($1, $2, $3, $4, now())', [
      tenant,
      resource,
      amount,
      day,
    ]);
  /** Makes the next save due. */
  const later = (resource = 'images') =>
    server.admin.hincrbyfloat(`sluice:{${tenant}}:${resource}`, 'savedAt', -60);

  describe('that are lost', () => {
    it('are rebuilt from Postgres, day and month and bucket', async () => {
      const bounds = { rate: { perSecond: 0.001, burst: 100 }, perDay: 100, perMonth: 150 };
      await lease(bounds, 60);
      await db.admin.query(`update quota_use set of_month = 120 where tenant_id = $1`, [tenant]);
      await server.kill();
      await server.start();
      expect(await server.admin.dbsize()).toBe(0);
      expect(await lease(bounds, 31)).toMatchObject({ granted: 0, remaining: { day: 40, month: 30 } });
      const { granted, remaining } = await lease(bounds, 30);
      expect(granted).toBe(30);
      expect(remaining).toEqual({ rate: expect.closeTo(10, 0), day: 10, month: 0 });
    });

    it.each([20, 1_000, 100_000])(
      'let a quota of %i be exceeded by a twentieth for each loss at most',
      async (perDay) => {
        const need = Math.ceil(perDay / 200);
        let spent = 0;
        for (let losses = 0; losses < 5; losses += 1) {
          for (let n = 0; n < 100; n += 1) spent += (await lease({ perDay }, need)).granted;
          await server.admin.flushall();
        }
        // Each loss forgets less than a twentieth.
        expect(spent).toBeGreaterThanOrEqual(0.95 * perDay);
        expect(spent).toBeLessThanOrEqual(perDay * (1 + 5 * savePart));
        expect(unsaved).toEqual([]);
      },
    );

    it('are saved by one of 50 clients at once, about twenty times a day by their amount', async () => {
      const perDay = 2_000;
      let saves = 0;
      const records = postgresRecords(database);
      const counted = store({
        read: records.read,
        save: (...terms) => {
          saves += 1;
          return records.save(...terms);
        },
      });
      const client = async () => {
        for (let n = 0; n < 20; n += 1)
          await counted.lease({ tenant, asks: [ask({ perDay }, 1)], rests: [] });
      };
      await Promise.all(Array.from({ length: 50 }, client));
      expect(saves).toBeGreaterThanOrEqual(10);
      expect(saves).toBeLessThanOrEqual(20);
      expect((await rowOf()).of_day).toBeGreaterThanOrEqual(900);
    });

    it('a save that another one overtook does not take anything back', async () => {
      await lease({ perDay: 1_000 }, 100);
      const row = {
        resource: 'images' as const,
        bucket: 0,
        returnedOfDay: 0,
        returnedOfMonth: 0,
        perSecond: 0,
      };
      const { day } = await lease({ perDay: 1_000 }, 100);
      await postgresRecords(database).save(tenant, [
        { ...row, bucketAt: Date.now() / 1000 - 60, day, ofDay: 5, ofMonth: 5 },
      ]);
      expect(await rowOf()).toMatchObject({ of_day: 200, of_month: 200 });
    });

    it('are not invented for a tenant that does not exist', async () => {
      const asks = [ask({ perDay: 1 }, 1)];
      expect(await store().lease({ tenant: 'nobody', asks, rests: [] })).toBeUndefined();
      expect(await server.admin.exists('sluice:{nobody}:images')).toBe(0);
    });

    it('that Postgres counted before are continued', async () => {
      await db.admin.query(
        `insert into quota_use (tenant_id, resource, of_day, of_month) values ($1, 'images', 90, 95)`,
        [tenant],
      );
      expect(await lease({ perDay: 100, perMonth: 100 }, 6)).toMatchObject({ granted: 0 });
      expect(await lease({ perDay: 100, perMonth: 100 }, 5)).toMatchObject({ granted: 5 });
    });
  });

  describe('and what comes back through Postgres', () => {
    it('is counted by the next save, once, and the row that brought it is gone', async () => {
      const { day } = await lease({ perDay: 100, perMonth: 100 }, 50);
      await comesBack(20, day);
      await later();
      await lease({ perDay: 100, perMonth: 100 }, 1);
      expect(await lease({ perDay: 100, perMonth: 100 }, 1)).toMatchObject({
        remaining: { day: 68, month: 68 },
      });
      await later();
      await lease({ perDay: 100, perMonth: 100 }, 1);
      expect(await lease({ perDay: 100, perMonth: 100 }, 1)).toMatchObject({ remaining: { day: 66 } });
      const left = await db.admin.query('select 1 from quota_return where tenant_id = $1', [tenant]);
      expect(left.rowCount).toBe(0);
    });

    it('lets a refused request in at once', async () => {
      const { day } = await lease({ perDay: 50 }, 50);
      await comesBack(20, day);
      await later();
      expect(await lease({ perDay: 50 }, 20)).toMatchObject({ granted: 20, remaining: { day: 0 } });
    });

    it('is counted once if the server was killed after Postgres had it, and if it is sent twice', async () => {
      const { day } = await lease({ perDay: 100 }, 50);
      await comesBack(20, day);
      await later();
      const records = postgresRecords(database);
      const killing = store({
        read: records.read,
        async save(...terms) {
          const totals = await records.save(...terms);
          await server.admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
          // The connection is new after this, and the totals arrive twice.
          await records.save(...terms);
          return totals;
        },
      });
      await killing.lease({ tenant, asks: [ask({ perDay: 100 }, 1)], rests: [] });
      expect(await rowOf()).toMatchObject({ of_day: 31, returned_of_day: 20 });
      await later();
      await lease({ perDay: 100 }, 1);
      expect(await lease({ perDay: 100 }, 1)).toMatchObject({ remaining: { day: 67 } });
      await server.admin.flushall();
      expect(await lease({ perDay: 100 }, 1)).toMatchObject({ remaining: { day: expect.any(Number) } });
      expect((await rowOf()).of_day).toBeLessThanOrEqual(34);
      expect((await rowOf()).of_day).toBeGreaterThanOrEqual(32);
    });

    it('of another day counts in its month only', async () => {
      await lease({ perDay: 100, perMonth: 100 }, 50);
      await comesBack(20, '2001-01-01');
      await later();
      await lease({ perDay: 100, perMonth: 100 }, 1);
      expect(await lease({ perDay: 100, perMonth: 100 }, 1)).toMatchObject({
        remaining: { day: 48, month: 48 },
      });
    });
  });

  describe('that are away', () => {
    const quotasOf = (whenAway: 'refuse' | 'admit') => {
      const { metrics, recorded } = recordMetrics();
      const quotas = openQuotas({
        store: guardStore(store(), () => performance.now(), Math.random),
        plans: { default: { weight: 1, quotas: { images: { perDay: 1_000 } } } },
        limits: settings.limits,
        clock: () => ({ monotonic: performance.now() / 1000, wall: Date.now() / 1000 }),
      });
      return { quotas: withoutCounters(quotas, { whenAway, metrics }), recorded };
    };

    it('refuse by default: requests of tenants with quotas fail, a metric says so, and they come back by themselves', async () => {
      const { quotas, recorded } = quotasOf('refuse');
      await server.kill();
      const refused = quotas.take(tenant, { images: 1 });
      await expect(refused).rejects.toMatchObject({ code: 'counters_unavailable' });
      await expect(refused).rejects.toBeInstanceOf(TransientFailure);
      expect(recorded).toEqual([
        { name: 'CountersUnavailable', dimensions: { Outcome: 'refused' }, value: 1 },
      ]);
      await server.start();
      await expect
        .poll(() => quotas.take(tenant, { images: 1 }).catch(({ code }) => code), {
          timeout: patience(20_000),
        })
        .toMatchObject({ outcome: 'taken', amounts: { images: 1 } });
    });

    it('admit what is not counted if that is configured, and it has no charge to give back', async () => {
      const { quotas, recorded } = quotasOf('admit');
      await server.kill();
      const taken = await quotas.take(tenant, { images: 1 });
      expect(taken).toEqual({ outcome: 'taken', limits: [], amounts: {} });
      expect(recorded).toEqual([
        { name: 'CountersUnavailable', dimensions: { Outcome: 'admitted' }, value: 1 },
      ]);
      await server.start();
      await expect
        .poll(() => quotas.take(tenant, { images: 1 }), { timeout: patience(20_000) })
        .toMatchObject({ amounts: { images: 1 } });
    });

    it('and silent slow one request by the limit of a call, and no further one', async () => {
      const { quotas } = quotasOf('admit');
      await quotas.take(tenant, { images: 1 });
      const other = `tenant-${++tenants}`;
      await db.admin.query('insert into tenant (id) values ($1)', [other]);
      server.freeze();
      try {
        const timed = async () => {
          const began = performance.now();
          await quotas.take(other, { images: 1 });
          return performance.now() - began;
        };
        expect(await timed()).toBeGreaterThan(400);
        const next: number[] = [];
        for (let n = 0; n < 20; n += 1) next.push(await timed());
        next.sort((a, b) => a - b);
        // A probe is among them at most.
        expect(next[18]).toBeLessThan(patience(100));
      } finally {
        server.thaw();
      }
      await expect
        .poll(() => quotas.take(other, { images: 1 }), { timeout: patience(20_000) })
        .toMatchObject({ amounts: { images: 1 } });
    });

    it('a connection that was closed while it was idle is replaced without an error', async () => {
      await lease({ perDay: 10 });
      await server.admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      expect(await lease({ perDay: 10 })).toMatchObject({ granted: 1, remaining: { day: 8 } });
    });

    it('a server that has forgotten the scripts gets them again', async () => {
      await lease({ perDay: 10 });
      await server.admin.script('FLUSH');
      expect(await lease({ perDay: 10 })).toMatchObject({ granted: 1, remaining: { day: 8 } });
    });
  });
});

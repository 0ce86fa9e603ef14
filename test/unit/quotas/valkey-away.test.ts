import { describe, expect, it } from 'vitest';
import { guardStore } from '../../../lambda/api/quotas/store-breaker.ts';
import { withoutCounters } from '../../../lambda/api/quotas/uncounted.ts';
import { TransientFailure } from '../../../lambda/domain/failure.ts';
import { openQuotas } from '../../../lambda/policy/quotas/quotas.ts';
import { recordMetrics } from '../../support/metrics.ts';
import { patience } from '../../support/pace.ts';
import { valkeyIsHere } from '../../support/valkey/server.ts';
import { settings } from '../api/settings.ts';
import { useCounters } from './valkey-fixture.ts';

/* A server of counters that is away or silent. */

describe.skipIf(!valkeyIsHere())('counters on Valkey', () => {
  const counters = useCounters();

  describe('that are away', () => {
    const quotasOf = (whenAway: 'refuse' | 'admit') => {
      const { metrics, recorded } = recordMetrics();
      const quotas = openQuotas({
        store: guardStore(counters.store(), () => performance.now(), Math.random),
        plans: { default: { weight: 1, quotas: { images: { perDay: 1_000 } } } },
        limits: settings.limits,
        clock: () => ({ monotonic: performance.now() / 1000, wall: Date.now() / 1000 }),
      });
      return { quotas: withoutCounters(quotas, { whenAway, metrics }), recorded };
    };

    it('refuse by default: requests of tenants with quotas fail, a metric says so, and they come back by themselves', async () => {
      const { quotas, recorded } = quotasOf('refuse');
      await counters.server.kill();
      const refused = quotas.take(counters.tenant, { images: 1 });
      await expect(refused).rejects.toMatchObject({ code: 'counters_unavailable' });
      await expect(refused).rejects.toBeInstanceOf(TransientFailure);
      expect(recorded).toEqual([
        { name: 'CountersUnavailable', dimensions: { Outcome: 'refused' }, value: 1 },
      ]);
      await counters.server.start();
      await expect
        .poll(() => quotas.take(counters.tenant, { images: 1 }).catch(({ code }) => code), {
          timeout: patience(20_000),
        })
        .toMatchObject({ outcome: 'taken', amounts: { images: 1 } });
    });

    it('admit what is not counted if that is configured, and it has no charge to give back', async () => {
      const { quotas, recorded } = quotasOf('admit');
      await counters.server.kill();
      const taken = await quotas.take(counters.tenant, { images: 1 });
      expect(taken).toEqual({ outcome: 'taken', limits: [], amounts: {} });
      expect(recorded).toEqual([
        { name: 'CountersUnavailable', dimensions: { Outcome: 'admitted' }, value: 1 },
      ]);
      await counters.server.start();
      await expect
        .poll(() => quotas.take(counters.tenant, { images: 1 }), { timeout: patience(20_000) })
        .toMatchObject({ amounts: { images: 1 } });
    });

    it('and silent slow one request by the limit of a call, and no further one', async () => {
      const { quotas } = quotasOf('admit');
      await quotas.take(counters.tenant, { images: 1 });
      const other = await counters.newTenant();
      await counters.server.freeze();
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
        counters.server.thaw();
      }
      await expect
        .poll(() => quotas.take(other, { images: 1 }), { timeout: patience(20_000) })
        .toMatchObject({ amounts: { images: 1 } });
    });

    it('a connection that was closed while it was idle is replaced without an error', async () => {
      await counters.lease({ perDay: 10 });
      await counters.closeConnections();
      expect(await counters.lease({ perDay: 10 })).toMatchObject({ granted: 1, remaining: { day: 8 } });
    });

    it('a server that has forgotten the scripts gets them again', async () => {
      await counters.lease({ perDay: 10 });
      await counters.server.admin.script('FLUSH');
      expect(await counters.lease({ perDay: 10 })).toMatchObject({ granted: 1, remaining: { day: 8 } });
    });
  });
});

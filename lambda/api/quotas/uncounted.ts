import type { Quotas } from '../../policy/quotas/quotas.ts';
import type { Metrics } from '../../runtime/metrics.ts';
import { isAway } from './store-breaker.ts';

/**
 * What happens to requests while the counters are away: `refuse` lets the error through, `admit` takes nothing, as of a
 * tenant without quotas. What is admitted so is never counted, and its image gives nothing back when it ends. Both are
 * metrics.
 */
export function withoutCounters(
  quotas: Quotas,
  { whenAway, metrics }: { whenAway: 'refuse' | 'admit'; metrics: Metrics },
): Quotas {
  return {
    ...quotas,
    async take(tenant, amounts, signal) {
      try {
        return await quotas.take(tenant, amounts, signal);
      } catch (error) {
        if (!isAway(error)) throw error;
        metrics.add('CountersUnavailable', { Outcome: whenAway === 'admit' ? 'admitted' : 'refused' });
        if (whenAway === 'refuse') throw error;
        return { outcome: 'taken', limits: [], amounts: {} };
      }
    },
  };
}

import type { Plan } from '../../../../lambda/domain/plan.ts';
import type { LeaseRequest, QuotaStore } from '../../../../lambda/domain/quota-store.ts';
import { memoryQuotas } from '../../../../lambda/policy/quotas/memory-store.ts';
import { openQuotas, type Quotas } from '../../../../lambda/policy/quotas/quotas.ts';
import { settings } from '../../api/settings.ts';

export const noon = Date.UTC(2026, 10, 15, 12) / 1000;

/** Environments that share a store, in simulated time. The store's clock is an hour ahead of theirs. */
export function simulate({ plan, at = noon }: { plan: Plan; at?: number }) {
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
export const images = (quota: Plan['quotas']['images']): Plan => ({ weight: 1, quotas: { images: quota } });
export const taken = (result: { outcome: string }) => result.outcome === 'taken';

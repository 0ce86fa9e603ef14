import type { QuotaStore, Rest } from '../../domain/quota-store.ts';
import { available, dayEnd, dayOf, leaseOf, monthEnd, sliceOf, taken, type Use, useAt } from './windows.ts';

/**
 * The use of quotas in memory, of one process or a simulation.
 * @param now seconds since the epoch
 * @param knows whether a tenant exists
 */
export function memoryQuotas(now: () => number, knows: (tenant: string) => boolean = () => true): QuotaStore {
  const uses = new Map<string, Use>();
  let returns: (Rest & { tenant: string; at: number })[] = [];

  return {
    async lease({ tenant, asks, rests }) {
      if (!knows(tenant)) return undefined;
      const at = now();
      const returned = returns.filter((one) => one.tenant === tenant);
      returns = returns.filter((one) => one.tenant !== tenant);
      const all: Rest[] = [
        ...rests,
        ...returned.map((one) => ({ ...one, ageSeconds: one.ageSeconds + at - one.at })),
      ];
      const states = asks.map((ask) => {
        const name = `${tenant} ${ask.resource}`;
        const before = uses.get(name) ?? { bucket: 0, bucketAt: at, day: dayOf(at), ofDay: 0, ofMonth: 0 };
        const mine = all.filter(({ resource }) => resource === ask.resource);
        return { name, ask, use: useAt(before, ask, mine, at) };
      });
      // Returns of other resources wait.
      returns.push(
        ...all
          .filter(({ resource }) => !asks.some((ask) => ask.resource === resource))
          .map((rest) => ({ ...rest, tenant, at })),
      );
      const enough = states.every(({ ask, use }) => available(ask, use) >= ask.need);
      const leases = states.map(({ name, ask, use }) => {
        const granted = enough ? sliceOf(ask, use) : 0;
        const after = taken(use, ask, granted);
        uses.set(name, after);
        return leaseOf(ask.resource, ask, after, granted);
      });
      const day = states[0]?.use.day ?? dayOf(at);
      return {
        leases,
        day,
        dayEndsInSeconds: dayEnd(day) - at,
        monthEndsInSeconds: monthEnd(day) - at,
      };
    },
    async giveBack(rests) {
      returns.push(...rests.map((rest) => ({ ...rest, at: now() })));
    },
  };
}

import { memoryQuotas } from '../../../lambda/policy/quotas/memory-store.ts';
import { describeQuotaStore } from './store-suite.ts';

describeQuotaStore('in memory', async () => {
  let now = Date.UTC(2026, 10, 15, 12) / 1000;
  let tenants = 0;
  const pass = async (seconds: number) => {
    now += seconds;
  };
  return {
    store: memoryQuotas(
      () => now,
      (tenant) => tenant !== 'nobody',
    ),
    tenant: async () => `tenant-${++tenants}`,
    pass: (_, seconds) => pass(seconds),
    nextDay: () => pass(86_400),
    nextMonth: () => pass(31 * 86_400),
    close: async () => undefined,
  };
});

import type { Row } from './table.ts';

/** Guards of quotas. */
export const quotasTable: readonly Row[] = [
  {
    file: 'lambda/postgres/quotas/lease.ts',
    from: 'order by resource for update',
    to: 'order by resource',
    loses: 'concurrent leases exceed a quota',
    tests: ['test/unit/quotas/postgres-store.test.ts'],
  },
  {
    file: 'lambda/policy/quotas/account.ts',
    from: 'Math.min(sliceSeconds, answer.dayEndsInSeconds)',
    to: 'sliceSeconds',
    loses: 'a slice of one day is spent on the next',
    tests: ['test/unit/policy/quotas/slices.test.ts'],
  },
  {
    file: 'lambda/policy/quotas/account.ts',
    from: 'granted && !isDry(asks, answer)',
    to: 'granted',
    loses: 'a tenant at its rate leases single requests',
    tests: ['test/unit/policy/quotas/slices.test.ts'],
  },
  {
    file: 'lambda/api/admission/charge.ts',
    from: 'if (held === undefined) throw error;',
    to: 'throw error;',
    loses: 'a repeated request is refused when the quota is used up',
    tests: ['test/unit/api/quotas.test.ts'],
  },
];

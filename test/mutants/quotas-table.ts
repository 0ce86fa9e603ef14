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
  {
    file: 'lambda/valkey/scripts.ts',
    from: 'or use.unsaved >= input.savePart * bound',
    to: '',
    loses: 'a lost server forgets a whole quota',
    tests: ['test/unit/quotas/valkey-loss.test.ts'],
  },
  {
    file: 'lambda/valkey/scripts.ts',
    from: 'if use.day == total.day and total.ofDay > use.seenDay then',
    to: 'if use.day == total.day then',
    loses: 'a save that arrives late takes back what came back',
    tests: ['test/unit/quotas/valkey-loss.test.ts'],
  },
  {
    file: 'lambda/valkey/scripts.ts',
    from: '      use.seenDay = total.ofDay\n',
    to: '',
    loses: 'what comes back counts with every save',
    tests: ['test/unit/quotas/valkey-loss.test.ts'],
  },
  {
    file: 'lambda/valkey/scripts.ts',
    from: "if redis.call('EXISTS', key) == 0 then",
    to: 'if true then',
    loses: 'counters that another environment rebuilt begin anew',
    tests: ['test/unit/quotas/valkey-loss.test.ts'],
  },
  {
    file: 'lambda/valkey/quotas.ts',
    from: '`sluice:{$',
    to: '`sluice:$',
    loses: 'a cluster refuses the leases of an image',
    tests: ['test/unit/quotas/valkey-store.test.ts'],
  },
  {
    file: 'lambda/valkey/connection.ts',
    from: 'if (isNew || error instanceof ReplyError',
    to: 'if (error !== undefined || error instanceof ReplyError',
    loses: 'the first request after a thaw fails',
    tests: ['test/unit/quotas/valkey-away.test.ts'],
  },
  {
    file: 'lambda/api/quotas/store-breaker.ts',
    from: 'if (isAway(error)) breaker.failed(now());',
    to: '',
    loses: 'every request waits for a silent server',
    tests: ['test/unit/quotas/valkey-away.test.ts'],
  },
  {
    file: 'lambda/postgres/quotas/records.ts',
    from: 'to_timestamp(saved."bucketAt") >= used.bucket_at as fresh',
    to: 'true as fresh',
    loses: 'a save that was overtaken forgets what was leased since',
    tests: ['test/unit/quotas/valkey-loss.test.ts'],
  },
];

import { describe, expect, it } from 'vitest';
import type { BacklogSnapshot } from '../../../lambda/domain/backlog.ts';
import { decideAdmission, secondsUntilRetry } from '../../../lambda/policy/admission.ts';
import { openAdmission } from '../../../lambda/policy/admission-memory.ts';

const snapshot = (images: number, tickets: number): BacklogSnapshot => {
  const backlog = { images, work: images, tickets, ticketWork: tickets };
  return {
    at: 0,
    total: backlog,
    tenants: new Map([['acme', backlog]]),
    ended: [],
    oldestSeconds: 0,
    environments: 1,
    turns: [],
    seen: '',
  };
};

describe('the memory of an environment', () => {
  it('a snapshot is used for a second', () => {
    let now = 0;
    const policy = openAdmission({ all: 9 }, () => now);
    expect([policy.stale(), policy.unfinished()]).toEqual([true, undefined]);
    policy.learn(snapshot(1, 2));
    now = 1_000;
    expect([policy.stale(), policy.unfinished()]).toEqual([false, 3]);
    now = 1_001;
    expect([policy.stale(), policy.unfinished()]).toEqual([true, 3]);
  });

  it('what was admitted since the snapshot takes a place, until it is withdrawn', () => {
    const policy = openAdmission({ all: 9, tenant: 4 }, () => 0);
    policy.learn(snapshot(1, 2));
    const admitted = (tenant: string) => policy.decide(tenant).admitted;
    expect([admitted('acme'), admitted('acme'), admitted('other')]).toEqual([true, false, true]);
    policy.withdraw('acme');
    expect([admitted('acme'), admitted('acme')]).toEqual([true, false]);
    policy.learn(snapshot(1, 2));
    expect(admitted('acme')).toBe(true);
  });
});

describe('the decision', () => {
  it.each([
    ['below both limits', { all: 99, tenant: 9 }, undefined],
    ['where nothing was counted', {}, undefined],
    ['at the limit of all', { all: 100, tenant: 9 }, 'all'],
    ['at the limit of the tenant', { all: 99, tenant: 10 }, 'tenant'],
    ['at both', { all: 100, tenant: 10 }, 'all'],
  ] as const)('the decision %s', (_, unfinished, reached) => {
    const decision = decideAdmission({ unfinished, finishedInLastMinute: 6 }, { all: 100, tenant: 10 });
    if (reached === undefined) expect(decision).toEqual({ admitted: true });
    else {
      const retryAfterSeconds = reached === 'all' ? 50 : 10;
      expect(decision).toEqual({ admitted: false, reached, code: 'overloaded', retryAfterSeconds });
    }
  });

  it('without a limit of a tenant the decision has none', () => {
    const readings = { unfinished: { all: 1, tenant: 1_000 }, finishedInLastMinute: 0 };
    expect(decideAdmission(readings, { all: 2 })).toEqual({ admitted: true });
  });
});

it.each([
  [50_000, 3_000, 50],
  [50_000, 100_000, 5],
  [50_000, 1, 600],
  [50_000, 0, 600],
  [1, 60, 5],
])(
  'at a limit of %i with %i finished in a minute, a retry is due in %i seconds',
  (limit, finished, seconds) => {
    expect(secondsUntilRetry(limit, finished)).toBe(seconds);
  },
);

import { describe, expect, it } from 'vitest';
import { decideAdmission, secondsUntilRetry } from '../../../lambda/policy/admission.ts';
import { openAdmission } from '../../../lambda/policy/admission-memory.ts';

const full = (all: number) => ({ unfinished: { all }, finishedInLastMinute: 60 });

describe('the memory of an environment', () => {
  it('an environment admits a hundredth of the free places without counting, for a second', () => {
    let now = 0;
    const policy = openAdmission({ all: 1_000 }, () => now);
    const bound = () => policy.bounds('acme').all;
    expect(bound()).toBe(1_000);
    policy.counted(700);
    expect([bound(), bound(), bound(), bound()]).toEqual([undefined, undefined, undefined, 1_000]);
    policy.counted(700);
    now = 1_001;
    expect(bound()).toBe(1_000);
  });

  it.each([
    [0, 1_000],
    [700, 1_000],
    [20_000, 4_000],
    [50_000, 10_000],
  ])('a count of %i is used for %i ms to estimate waiting times', (unfinished, lives) => {
    let now = 0;
    const policy = openAdmission({ all: 50_000 }, () => now);
    expect(policy.unfinished()).toBeUndefined();
    policy.counted(unfinished);
    now = lives;
    expect(policy.unfinished()).toBe(unfinished);
    now += 1;
    expect(policy.unfinished()).toBeUndefined();
    policy.decide('acme', full(50_000));
    expect(policy.unfinished()).toBe(50_000);
  });

  it('refusals continue while the count of a polling client shows a full backlog', () => {
    const policy = openAdmission({ all: 1_000 }, () => 0);
    policy.decide('acme', full(1_000));
    policy.counted(1_000);
    expect(policy.standingRefusal('acme')).toBeDefined();
    policy.counted(999);
    expect(policy.standingRefusal('acme')).toBeUndefined();
  });

  it('when few places are free, every image is counted', () => {
    const policy = openAdmission({ all: 1_000 }, Date.now);
    policy.counted(901);
    expect(policy.bounds('acme').all).toBe(1_000);
  });

  it('a refusal of all tenants is remembered for every tenant, and that of one tenant for it alone, for a second', () => {
    let now = 0;
    const policy = openAdmission({ all: 1_000, tenant: 10 }, () => now);
    policy.decide('acme', { unfinished: { all: 20, tenant: 10 }, finishedInLastMinute: 60 });
    expect(policy.standingRefusal('acme')).toMatchObject({ reached: 'tenant' });
    expect(policy.standingRefusal('other')).toBeUndefined();
    policy.decide('acme', full(1_000));
    expect(policy.standingRefusal('other')).toMatchObject({ reached: 'all' });
    now = 1_001;
    expect([policy.standingRefusal('acme'), policy.standingRefusal('other')]).toEqual([undefined, undefined]);
  });

  it('with a limit of a tenant every image is counted, however many places are free', () => {
    const policy = openAdmission({ all: 1_000, tenant: 10 }, () => 0);
    policy.counted(0);
    expect(policy.bounds('acme')).toEqual({ all: undefined, tenant: 10 });
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

import { describe, expect, it } from 'vitest';
import type { BacklogSnapshot, TenantBacklog } from '../../../../lambda/domain/backlog.ts';
import { openAdmission } from '../../../../lambda/policy/admission/admission.ts';
import type { AdmissionRequest } from '../../../../lambda/policy/admission/backlog-view.ts';
import { decodeNews, encodeNews } from '../../../../lambda/policy/admission/turns-blob.ts';

const facts = { maxBacklogSeconds: 100, priorPerSecond: 10, slots: 40 };

function snapshot(tenants: Record<string, Partial<TenantBacklog>>, more: Partial<BacklogSnapshot> = {}) {
  const all = new Map(
    Object.entries(tenants).map(([name, own]) => [
      name,
      { images: own.work ?? 0, work: 0, tickets: own.ticketWork ?? 0, ticketWork: 0, ...own },
    ]),
  );
  const total = { images: 0, work: 0, tickets: 0, ticketWork: 0 };
  for (const own of all.values())
    for (const name of ['images', 'work', 'tickets', 'ticketWork'] as const) total[name] += own[name];
  return {
    at: 0,
    total,
    tenants: all,
    ended: [],
    oldestSeconds: 0,
    environments: 1,
    turns: [],
    seen: '',
    ...more,
  } satisfies BacklogSnapshot;
}
function policyOf(tenants: Record<string, Partial<TenantBacklog>>, more: Partial<BacklogSnapshot> = {}) {
  const clock = { now: 0 };
  const policy = openAdmission(facts, () => clock.now);
  policy.learn(snapshot(tenants, more));
  let digests = 0;
  const ask = (tenant: string, request: Partial<AdmissionRequest> = {}) => {
    const name = String(digests++).padStart(8);
    return policy.decide({
      tenant,
      work: 1,
      digest: () => name,
      keyed: true,
      bulk: false,
      weight: 1,
      ...request,
    });
  };
  const count = (tenant: string, request: Partial<AdmissionRequest> = {}) => {
    let images = 0;
    while (images < 5_000 && ask(tenant, request).admitted) images++;
    return images;
  };
  return { policy, clock, ask, count };
}

describe('a snapshot', () => {
  it('is used for a second', () => {
    const clock = { now: 0 };
    const policy = openAdmission(facts, () => clock.now);
    expect(policy.stale()).toBe(true);
    policy.learn(snapshot({}));
    clock.now = 1_000;
    expect(policy.stale()).toBe(false);
    clock.now = 1_001;
    expect(policy.stale()).toBe(true);
  });
});

describe('shares of a capacity of 1,000', () => {
  it.each([
    ['a lone tenant has four fifths', {}, {}, 800],
    ['beside one that has 800, the next has its part of what is left', { loud: { work: 800 } }, {}, 160],
    ['with twice the weight, more', { loud: { work: 800 } }, { weight: 2 }, 177],
    [
      'tickets that nobody uses take nothing from work, but from other tickets',
      { loud: { ticketWork: 800 } },
      {},
      160,
    ],
    ['beyond the capacity, each has its part of a tenth', { a: { work: 900 }, b: { work: 900 } }, {}, 33],
  ])('%s', (_, tenants, request, images) => {
    expect(policyOf(tenants).count('acme', request)).toBe(images);
  });

  it('2,000 tenants with two images each leave none for another, which is 503; 900 leave one', () => {
    const many = (count: number) =>
      policyOf(Object.fromEntries(Array.from({ length: count }, (_, n) => [`t${n}`, { work: 2 }])));
    expect(many(2_000).ask('acme')).toMatchObject({
      admitted: false,
      code: 'overloaded',
      reason: 'everyone',
    });
    expect(many(900).count('acme')).toBe(1);
  });

  it('a tenant beyond its share is refused with 429, and one that has nothing waiting is not', () => {
    const { ask } = policyOf({ loud: { work: 1_500 } });
    expect(ask('loud')).toMatchObject({ admitted: false, code: 'backlog_share', reason: 'share' });
    expect(ask('quiet').admitted).toBe(true);
  });

  it('what is refused or fails afterwards takes no room', () => {
    const { ask, count } = policyOf({});
    for (let n = 0; n < 2_000; n++) ask('acme').withdraw();
    expect(count('acme')).toBe(800);
  });

  it('what was admitted counts until a snapshot contains it', () => {
    const { policy, count } = policyOf({});
    expect(count('acme')).toBe(800);
    policy.learn(snapshot({ acme: { work: 800 } }, { at: 5_000 }));
    expect(count('other')).toBe(160);
  });

  it('10,000 tenants that were here before cost nothing', () => {
    const { policy, ask } = policyOf({});
    for (let n = 0; n < 10_000; n++) expect(ask(`idle${n}`, { work: 0.001 }).admitted).toBe(true);
    policy.learn(snapshot({}, { at: 5_000 }));
    expect(ask('acme')).toMatchObject({ admitted: true });
    expect(policy.news()).toBeUndefined();
  });

  it('a plan bounds tickets that nobody uses, not uploads that wait', () => {
    const tickets = { acme: { tickets: 300, ticketWork: 300 } };
    const refused = policyOf(tickets).ask('acme', { maxUnusedTickets: 300 });
    expect(refused).toMatchObject({ admitted: false, reason: 'unused_tickets' });
    expect(policyOf(tickets, { oldestSeconds: 30 }).ask('acme', { maxUnusedTickets: 300 }).admitted).toBe(
      true,
    );
  });
});

describe('turns', () => {
  const full = { acme: { work: 900 } };

  it('each is told to come after the one before, at the pace of the workers', () => {
    const { ask } = policyOf(full);
    const told = Array.from({ length: 100 }, () => {
      const decision = ask('acme');
      return decision.admitted ? 0 : decision.retryAfterSeconds;
    });
    expect(told).toEqual(told.toSorted((a, b) => a - b));
    // 100 images beyond its share, at 10 a second; and some slack.
    expect((told.at(-1) ?? 0) - (told[0] ?? 0)).toBeCloseTo(10, -0.6);
  });

  it('an early repeat is told the rest of its time, and keeps its turn', () => {
    const { ask, clock } = policyOf({ acme: { work: 1_000 } });
    const mine = { digest: () => 'mine0000' };
    const first = ask('acme', mine);
    for (let n = 0; n < 50; n++) ask('acme');
    clock.now = 900;
    const again = ask('acme', mine);
    if (first.admitted || again.admitted) throw new Error('admitted');
    expect(again.retryAfterSeconds).toBeLessThanOrEqual(first.retryAfterSeconds);
  });

  it('a turn that was given back makes no room', () => {
    const { ask, clock } = policyOf({ acme: { work: 800 } });
    ask('acme').withdraw();
    clock.now = 900;
    expect(ask('acme').admitted).toBe(false);
  });

  it('a wait of hours is capped, and said to be', () => {
    const { ask } = policyOf({ acme: { work: 100_000 } });
    expect(ask('acme')).toMatchObject({ retryAfterSeconds: 3_600, capped: true });
  });

  it('other environments recognise them', () => {
    const here = policyOf({ acme: { work: 900 } }, { environments: 2 });
    const mine = { digest: () => 'mine0000' };
    for (let n = 0; n < 300; n++) here.ask('acme');
    here.ask('acme', mine);
    const bytes = here.policy.news() ?? Buffer.alloc(0);
    const there = policyOf(
      { acme: { work: 900 } },
      { environments: 2, turns: [{ environment: 'a', bytes }] },
    );
    const [late, turn] = [there.ask('acme', { digest: () => 'late0000' }), there.ask('acme', mine)];
    if (late.admitted || turn.admitted) throw new Error('admitted');
    expect(turn.retryAfterSeconds).toBeGreaterThan(20);
    expect(late.retryAfterSeconds).toBeGreaterThanOrEqual(turn.retryAfterSeconds);
  });

  it.each([Buffer.from('nonsense'), Buffer.alloc(0), Buffer.from([1, 0, 0, 0, 1, 200])])(
    'what another version shared, or nobody, harms nobody',
    (bytes) => {
      const { count } = policyOf({}, { turns: [{ environment: 'x', bytes }] });
      expect(count('acme')).toBe(800);
    },
  );
});

describe('while no snapshot can be read', () => {
  const request = (name: string): AdmissionRequest => ({
    tenant: 'acme',
    work: 1,
    digest: () => name.padEnd(8),
    keyed: true,
    bulk: false,
    weight: 1,
  });
  const random = () => 0.5;
  const perSecond = (times: number[]) => times.filter((one) => one === Math.max(...times)).length;

  it('turns follow each other at the drain, behind the line, whatever room there was', () => {
    const { policy, clock } = policyOf({});
    clock.now = 20_000;
    const told = Array.from({ length: 300 }, (_, n) => policy.defer(request(`k${n}`), random));
    expect(told).toEqual(told.toSorted((a, b) => a - b));
    expect(told[0]).toBe(8);
    expect((told.at(-1) ?? 0) - 8).toBeCloseTo(300 / 11.5, -1);
    const behind = policyOf({ acme: { work: 1_000 } });
    expect(behind.policy.defer(request('k'), random)).toBeGreaterThan(20);
  });

  it('one whose turn falls into the outage gets another, before those that come later', () => {
    const { policy, clock } = policyOf({ acme: { work: 1_000 } });
    const first = policy.defer(request('first'), random);
    const later = Array.from({ length: 200 }, (_, n) => policy.defer(request(`k${n}`), random));
    clock.now = 1_000;
    expect(policy.defer(request('first'), random)).toBeLessThanOrEqual(first);
    clock.now = first * 1_000;
    const again = policy.defer(request('first'), random);
    const newcomer = policy.defer(request('new'), random);
    // Nothing was done meanwhile, so there is as much before it as when it came.
    expect(again).toBeGreaterThanOrEqual(first - 2);
    expect(again).toBeLessThan(newcomer - 10);
    expect(newcomer).toBeGreaterThan((later.at(-1) ?? 0) - first);
  });

  it.each([
    ['without any', undefined],
    ['after more than an hour', 3_600_001],
  ])('%s, waits are random and at a twentieth of the assumed drain', (_, age) => {
    const clock = { now: 0 };
    const policy = openAdmission(facts, () => clock.now);
    if (age !== undefined) policy.learn(snapshot({}));
    clock.now = age ?? 0;
    const told = Array.from({ length: 100 }, (_, n) => policy.defer(request(`k${n}`), () => (n % 10) / 10));
    expect(Math.min(...told)).toBe(5);
    expect(Math.max(...told)).toBeGreaterThan(100 / (1.15 * 0.5) - 60);
    expect(perSecond(told)).toBeLessThan(3);
    expect(policy.news()).toBeUndefined();
  });

  it('what was promised is shared until the others have it, and once', () => {
    const { policy } = policyOf({});
    policy.defer(request('one'), random);
    const lost = policy.news();
    policy.defer(request('two'), random);
    const turns = (bytes: Buffer | undefined) =>
      decodeNews(bytes ?? Buffer.alloc(0))?.lines.flatMap(({ promised }) =>
        promised.map(({ digest }) => digest.trim()),
      );
    expect(turns(lost)).toEqual(['one']);
    // It counts for the share of this environment, too.
    expect(decodeNews(lost ?? Buffer.alloc(0))?.decided).toBe(1);
    expect(new Set(turns(policy.news()))).toEqual(new Set(['one', 'two']));
    policy.learn(snapshot({}, { at: 1 }));
    // What is left is the repetition for those that were frozen.
    expect(turns(policy.news())).toHaveLength(1);
  });

  it('an hour of requests is bounded', () => {
    const { policy } = policyOf({});
    const told = Array.from({ length: 50_000 }, (_, n) => policy.defer(request(`${n}`), random));
    expect(Math.max(...told)).toBe(3_600);
  });
});

it('the workers of ten tenants with uploads by ticket are shared by ten, however many of each are in progress', () => {
  const inProgress = [1, 2, 2, 3, 3, 3, 4, 4, 5, 5];
  const tenants = Object.fromEntries(
    inProgress.map((work, n) => [`t${n}`, { work, ticketWork: 100 }] as const),
  );
  // The oldest upload has waited for as long as all take, so all tickets are used.
  const { policy } = policyOf(tenants, { oldestSeconds: 100 });
  expect(policy.progress('t0').pace).toBeCloseTo(1);
  // Unused tickets take no worker.
  expect(policyOf(tenants).policy.progress('t0').pace).toBeGreaterThan(1.25);
});

it('an environment that had hardly any of the traffic tells times as near as the others do', () => {
  const { policy, ask } = policyOf({ a: { work: 2_000 } });
  const others = encodeNews({ decided: 200, lines: [] });
  for (let at = 1_000; at <= 20_000; at += 1_000) {
    policy.news();
    const turns = [{ environment: 'other', bytes: others }];
    policy.learn(snapshot({ a: { work: 2_000 } }, { at, environments: 10, turns }));
  }
  const told = Array.from({ length: 5 }, () => ask('a')).map((one) =>
    one.admitted ? 0 : one.retryAfterSeconds,
  );
  expect(Math.min(...told)).toBeGreaterThan(0);
  // The others may have promised 200 turns, of 0.1 s each, that it has not heard of.
  expect(Math.max(...told) - Math.min(...told)).toBeLessThan(60);
});

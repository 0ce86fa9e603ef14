import { describe, expect, it } from 'vitest';
import type { Change } from '../../../bench/spike/sluice/audit.ts';
import type { Order } from '../../../bench/spike/sluice/orders.ts';
import { recoveryOf } from '../../../bench/spike/sluice/recovery.ts';
import { endsOf, latencies, outcomeOf, unanswered } from '../../../bench/spike/sluice/truth.ts';

let id = 0;
const change = (imageId: string, status: string, at: number, more: Partial<Change> = {}): Change => ({
  id: ++id,
  imageId,
  tenant: 't1',
  was: 'processing',
  status,
  attempt: 1,
  completing: false,
  at,
  ...more,
});
const order = (id: string, at: number, more: Partial<Order> = {}): Order => ({
  tenant: 't1',
  way: 'direct',
  picture: 'sound',
  obedient: true,
  firstAt: at,
  attempts: [],
  id,
  admittedAt: at,
  uploadedAt: at,
  ...more,
});
const limits = { objective: 60, away: [], endedAt: 100_000 };

describe('what the database says about a run', () => {
  it('counts images that are ready, rejected, lost, late and unused', () => {
    const orders = [
      order('ready', 0),
      order('late', 0),
      order('lost', 50_000),
      order('bad', 0, { picture: 'text' }),
      order('good', 0),
      { ...order('unused', 0), uploadedAt: undefined as never },
    ];
    const found = endsOf([
      change('ready', 'ready', 2_000),
      change('late', 'ready', 61_000),
      change('bad', 'rejected', 1_000),
      change('good', 'rejected', 1_000),
    ]);
    expect(outcomeOf(orders, found, limits)).toMatchObject({
      images: 5,
      ready: 2,
      rejected: 2,
      lost: 1,
      late: 1,
      doubled: 0,
      soundRejected: 1,
      oldestSeconds: 61,
      unused: 1,
    });
  });

  it('does not count the time in which the database was away as age', () => {
    const found = endsOf([change('a', 'ready', 70_000)]);
    const away = [{ from: 10_000, to: 30_000 }];
    expect(outcomeOf([order('a', 0)], found, { ...limits, away })).toMatchObject({
      late: 0,
      oldestSeconds: 70,
      oldestWithoutFaults: 50,
    });
  });

  it('two ends of one image are a doubled effect, what follows a brown-out is not', () => {
    const ready = change('a', 'ready', 1_000);
    const again = (more: Partial<Change>) =>
      endsOf([ready, change('a', 'ready', 2_000, { was: 'ready', ...more })]);
    expect(outcomeOf([order('a', 0)], again({}), limits).doubled).toBe(1);
    expect(outcomeOf([order('a', 0)], again({ completing: true }), limits).doubled).toBe(0);
  });

  it('latency is from the first request; images on their way into a fault count apart', () => {
    const orders = [order('a', 1_000), order('b', 1_000), order('c', 1_000, { tenant: 't0' })];
    const found = endsOf([
      change('a', 'ready', 3_000),
      change('b', 'ready', 9_000),
      change('c', 'ready', 4_000),
    ]);
    const all = latencies(orders, found, {
      phases: [{ name: 'shed', from: 0, to: 2 }],
      startedAt: 0,
      loud: 't0',
      away: [{ from: 5_000, to: 6_000 }],
      endedAt: 100_000,
    });
    expect(all.shed?.others).toMatchObject({ count: 1, p95: 2 });
    expect(all['shed, into a fault']?.others).toMatchObject({ count: 1, p95: 8 });
    expect(all.shed?.t0).toMatchObject({ count: 1, p95: 3 });
  });

  it('who was never served has waited until the end of the run, in its phase and not in that of a fault', () => {
    const { id: _, ...never } = order('never', 1_000);
    const orders = [
      order('lost', 1_000),
      never,
      { ...never, endedBy: 'internal_error' },
      order('bad', 1_000),
    ];
    const all = latencies(orders, endsOf([change('bad', 'rejected', 2_000)]), {
      ...{ phases: [{ name: 'shed', from: 0, to: 2 }], startedAt: 0, loud: 't0', endedAt: 100_000 },
      away: [{ from: 5_000, to: 6_000 }],
    });
    expect(all.shed?.others).toMatchObject({ count: 2, p50: 99 });
    expect(all['shed, into a fault']?.others?.count).toBe(0);
  });

  it('counts what ended orders that were neither admitted nor refused, and requests without a response', () => {
    const orders = [
      order('a', 0, { endedBy: 'internal_error' }),
      order('b', 0, { endedBy: 'upload 403 <Error>Access denied</Error>' }),
      order('c', 0, { endedBy: 'upload 403 <Error>' }),
      order('d', 0, {
        attempts: [
          { at: 1_500, ms: 1, status: 0 },
          { at: 1_900, ms: 1, status: 201 },
          { at: 2_000, ms: 1, status: 0 },
        ],
      }),
    ];
    expect(outcomeOf(orders, endsOf([]), limits).endedBy).toEqual({ internal_error: 1, 'upload 403': 2 });
    expect(unanswered(orders, [{ name: 'shed', from: 1, to: 2 }], 0)).toEqual({ shed: 1 });
  });

  it('a sound image that ends as neither ready nor failed is counted', () => {
    const found = endsOf([change('a', 'superseded', 1), change('b', 'failed', 1), change('c', 'ready', 1)]);
    const orders = [order('a', 0), order('b', 0), order('c', 0)];
    expect(outcomeOf(orders, found, limits)).toMatchObject({ soundRejected: 1, failed: 1, ready: 1 });
  });
});

describe('a recovery', () => {
  const steady = (from: number, to: number, every: number) =>
    Array.from({ length: Math.round((to - from) / every) }, (_, index) => from + index * every);

  it('finds the first success, full speed and the herd', () => {
    const ready = [...steady(0, 30, 0.1), 52, ...steady(56, 90, 0.1)];
    const returns = [...steady(50, 60, 0.5), ...steady(70.01, 70.9, 0.05)];
    const recovery = recoveryOf({ name: 'database', downAt: 30, upAt: 50 }, ready, returns);
    expect(recovery.drainBefore).toBeCloseTo(10, 0);
    expect(recovery.firstSuccess).toBe(2);
    expect(recovery.fullSpeed).toBeCloseTo(6, 0);
    expect(recovery.herd).toBe(18);
    expect(recovery).toMatchObject({ herdWindow: 2 });
    expect(recovery.herdPerDrain).toBeCloseTo(0.9, 1);
  });

  it('says nothing of a speed that was never reached', () => {
    const recovery = recoveryOf(
      { name: 'database', downAt: 30, upAt: 50 },
      [...steady(0, 30, 0.1), 51, 53, 55],
      [],
    );
    expect(recovery.firstSuccess).toBe(1);
    expect(recovery.fullSpeed).toBeUndefined();
  });
});

import { beforeAll, describe, expect, it } from 'vitest';
import { median, quantile } from '../../../../simulator/quantiles.ts';
import type { Group, Result, World } from '../../../../simulator/world.ts';
import { simulateWorld } from '../../../../simulator/world.ts';
import { patience } from '../../../support/pace.ts';

/* 20 environments, 50 images a second, ten tenants of whom one brings a hundred times as much as each of the others. */

const quiet: Group[] = Array.from({ length: 9 }, (_, n) => ({
  tenant: `quiet${n}`,
  clients: 5,
  pauseSeconds: 5,
  keyed: n % 2 === 0,
}));
const loud: Group = { tenant: 'loud', clients: 500, pauseSeconds: 5, keyed: true };
const world: World = {
  seconds: 450,
  seed: 1,
  environments: 20,
  workers: 50,
  imageSeconds: () => 1,
  priorPerSecond: 50,
  maxBacklogSeconds: 60,
  groups: quiet,
};
const capacity = 60 * 50;
const halvedAt = 225;

/** Waits of the quiet tenants before the drain is halved, in seconds. */
const quietWaits = ({ waits }: Result) =>
  [...waits]
    .filter(([tenant]) => tenant.startsWith('quiet'))
    .flatMap(([, of]) => of)
    .filter(({ at }) => at < halvedAt - 10)
    .map(({ seconds }) => seconds);
const part = (told: Result['told']) => {
  const returned = told.filter(({ letIn }) => letIn !== undefined);
  return returned.filter(({ letIn }) => letIn).length / returned.length;
};
const ratios = (told: Result['told']) =>
  told.flatMap(({ seconds, needed }) => (needed === undefined || needed <= 0 ? [] : seconds / needed));

describe('a campaign from a cold start, whose drain is halved in the middle', () => {
  let alone: Result;
  let result: Result;
  let obedient: Result['told'];
  beforeAll(() => {
    alone = simulateWorld({ ...world, seconds: halvedAt });
    result = simulateWorld({
      ...world,
      imageSeconds: (at) => (at < halvedAt ? 1 : 2),
      groups: [
        ...quiet,
        { ...loud, clients: 250 },
        { ...loud, clients: 248, keyed: false },
        { ...loud, clients: 1, pauseSeconds: 0.1, impatient: 0.2 },
        { ...loud, clients: 1, pauseSeconds: 0.1, impatient: 0.2, keyed: false },
      ],
    });
    obedient = result.told.filter((one) => one.obedient);
  }, patience(120_000));

  it('lets nine of ten obedient clients in at their first return', () => {
    expect(obedient.length).toBeGreaterThan(5_000);
    expect(part(obedient)).toBeGreaterThanOrEqual(0.9);
  });

  it('is honest: the median of what is told is within a fifth of what is needed', () => {
    expect(median(ratios(obedient))).toBeGreaterThan(0.8);
    expect(median(ratios(obedient))).toBeLessThan(1.2);
  });

  it('brings clients back at the pace of the drain', () => {
    // Nobody knew that it would be halved: what was told before is left out.
    const told = result.returns.filter((_, second) => second < halvedAt || second > halvedAt + 30);
    expect(Math.max(...told)).toBeLessThanOrEqual(1.5 * 50);
    expect(Math.max(...result.returns.slice(halvedAt + 60))).toBeLessThanOrEqual(1.5 * 25);
  });

  it('never has more work than the bound, and workers are never without', () => {
    expect(Math.max(...result.workAndTickets.slice(0, halvedAt))).toBeLessThanOrEqual(capacity);
    // A minute later what was too much is done.
    expect(Math.max(...result.workAndTickets.slice(halvedAt + 60))).toBeLessThanOrEqual(capacity / 2);
    expect(Math.min(...result.work.slice(30, -1))).toBeGreaterThan(50);
    const done = result.done.slice(30, halvedAt);
    expect(done.reduce((sum, one) => sum + one, 0) / done.length).toBeGreaterThan(49);
  });

  it('admits every request of a quiet tenant, whose images take no longer than twice their quiet time', () => {
    expect([...result.refusedFirst.keys()]).toEqual(['loud']);
    for (const share of [0.5, 0.95])
      expect(quantile(quietWaits(result), share)).toBeLessThan(2 * quantile(quietWaits(alone), share));
  });
});

describe('bulk', () => {
  it('is admitted last, and never starved', { timeout: patience(60_000) }, () => {
    const { told, admissions, refusedFirst } = simulateWorld({
      ...world,
      seconds: 200,
      groups: [...quiet, loud, { ...loud, tenant: 'nightly', clients: 100, pauseSeconds: 1, bulk: true }],
    });
    const rate = (name: string) => (admissions.get(name) ?? []).filter((at) => at > 100).length / 100;
    expect(rate('nightlytrue')).toBeGreaterThan(0.5);
    expect(rate('nightlytrue')).toBeLessThan(0.1 * rate('loudfalse'));
    expect(part(told.filter((one) => one.bulk))).toBeGreaterThanOrEqual(0.9);
    expect([...refusedFirst.keys()].sort()).toEqual(['loud', 'nightly']);
  });
});

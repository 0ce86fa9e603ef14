import { describe, expect, it } from 'vitest';
import { type Cell, judge as judgeContention, waysFor } from '../../../bench/contention/result.ts';
import { judge as judgeLanes, type Kind, type Seen } from '../../../bench/lanes/result.ts';
import { type WayName, wayNames } from '../../../bench/lanes/ways.ts';
import { judge as judgeRoundTrips, type Measured } from '../../../bench/roundtrips/result.ts';

/** A run in which ours is as good as promised, with these changes of it. */
function seen(kind: Kind, way: WayName, changes: Partial<Seen> = {}): Seen {
  const ours = way === 'ours';
  return {
    ...{ round: 0, kind, way, images: 10, ms: ours ? 1_000 : 2_000, cpuMs: 500, peakMb: ours ? 200 : 400 },
    health: { checks: 100, p50: 1, p99: ours ? 10 : 100, max: 100 },
    ...(ours ? changes : {}),
  };
}
const run = (changes: Partial<Seen> = {}) =>
  (['small', 'photographs'] as const).flatMap((kind) => wayNames.map((way) => seen(kind, way, changes)));
const broken = (changes: Partial<Seen>) =>
  judgeLanes(run(changes)).flatMap(({ promise, kept }) => (kept ? [] : [promise]));

describe('the shapes of a worker', () => {
  it('are compared with ours by speed, health checks and memory, and each promise can break', () => {
    expect(broken({})).toEqual([]);
    expect(broken({ ms: 3_000 })).toHaveLength(4);
    expect(broken({ health: { checks: 100, p50: 1, p99: 90, max: 100 } })).toEqual([
      'p99 of a health check with photographs, of all at once',
    ]);
    expect(broken({ peakMb: 390 })).toEqual(['peak memory with photographs, of all at once']);
  });
});

describe('the round trips of a job', () => {
  const cost = (ms: number, roundTrips: number) => ({ ms, roundTrips, cpuMs: 1 });
  const measured = (claim: ReturnType<typeof cost>, silent: ReturnType<typeof cost>) =>
    ({ naive: cost(160, 130), claim, commit: cost(2, 1), commitSilent: silent }) as Measured;
  const kept = (claim: ReturnType<typeof cost>, silent = cost(1.6, 1)) =>
    judgeRoundTrips(measured(claim, silent)).map((one) => one.kept);

  it('are judged by the worse of both statements', () => {
    expect(kept(cost(2.5, 1))).toEqual([true, true, true, true, true]);
    expect(kept(cost(2.5, 2))).toEqual([false, true, true, true, true]);
    expect(kept(cost(5, 1))).toEqual([true, true, false, false, true]);
    expect(kept(cost(9, 1))).toEqual([true, false, false, false, true]);
  });

  it('are judged by what the events add to the commit', () => {
    expect(kept(cost(2.5, 1), cost(1.5, 1))).toEqual([true, true, true, true, false]);
  });
});

describe('the writers of one row', () => {
  const cells = (changes: (cell: Cell) => Partial<Cell>): Cell[] =>
    [1, 16, 64].flatMap((writers) =>
      [1, 1_000].flatMap((rows) =>
        waysFor(0).map((way) => {
          const perSecond = { unchecked: 0, version: 90, rowLock: 50, giantLock: 10, oneStatement: 200 }[way];
          const p99 = way === 'version' ? 20 : 10;
          const cell = {
            way,
            writers,
            rows,
            perSecond,
            p99,
            ...{ roundTripMs: 1, thinkMs: 0, edits: 1, p50: 1 },
          };
          const whole = { ...cell, retries: 0, beyondFive: 0, lost: 0 };
          return { ...whole, ...changes(whole) };
        }),
      ),
    );
  const broken = (changes: (cell: Cell) => Partial<Cell>) =>
    judgeContention(cells(changes)).flatMap(({ promise, kept }) => (kept ? [] : [promise])).length;

  it('are judged by speed, waits and lost edits, and each promise can break', () => {
    expect(broken(() => ({}))).toBe(0);
    expect(broken(({ way }) => (way === 'unchecked' ? { lost: 0.5 } : {}))).toBe(0);
    expect(broken(({ way }) => (way === 'rowLock' ? { lost: 0.1 } : {}))).toBe(1);
    expect(broken(({ way }) => (way === 'version' ? { perSecond: 50 } : {}))).toBe(2);
    expect(broken(({ way }) => (way === 'giantLock' ? { perSecond: 19 } : {}))).toBe(2);
    expect(broken(({ way }) => (way === 'version' ? { p99: 10 } : {}))).toBe(1);
    expect(broken(({ way }) => (way === 'oneStatement' ? { perSecond: 90 } : {}))).toBe(1);
  });
});

import { describe, expect, it } from 'vitest';
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
  const measured = (claim: ReturnType<typeof cost>) =>
    ({ naive: cost(160, 130), claim, commit: cost(2, 1) }) as Measured;
  const kept = (claim: ReturnType<typeof cost>) => judgeRoundTrips(measured(claim)).map((one) => one.kept);

  it('are judged by the worse of both statements', () => {
    expect(kept(cost(2.5, 1))).toEqual([true, true, true, true]);
    expect(kept(cost(2.5, 2))).toEqual([false, true, true, true]);
    expect(kept(cost(5, 1))).toEqual([true, true, false, false]);
    expect(kept(cost(9, 1))).toEqual([true, false, false, false]);
  });
});

import { describe, expect, it } from 'vitest';
import { secondsToPoll } from '../../../lambda/policy/polling.ts';

const middle = () => 0.5;

describe('a polling client', () => {
  it.each([
    [0, 0, 1],
    [5_000, 10, 1],
    [100_000, 10, 10],
    [3_600_000, 10, 30],
    [0, 1_000, 10],
    [0, 50_000, 500],
    [3_600_000, 50_000, 500],
    [0, 5_000_000, 3_600],
  ])(
    'a client that waits for an image of %i ms with %i others polls again in %i s',
    (ageMs, unfinished, seconds) => {
      expect(secondsToPoll({ ageMs, unfinished, requestsPerSecond: 1_000 }, middle)).toBe(seconds);
    },
  );

  it('clients that start together receive different intervals', () => {
    const at = (random: number) =>
      secondsToPoll({ ageMs: 0, unfinished: 50_000, requestsPerSecond: 1_000 }, () => random);
    expect([at(0), at(1)]).toEqual([250, 750]);
    const alone = (random: number) =>
      secondsToPoll({ ageMs: 100_000, unfinished: 1_000, requestsPerSecond: 1_000 }, () => random);
    expect([alone(0), alone(1)]).toEqual([10, 10]);
  });
});

/** A linear congruential generator: the same numbers in each run. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * Looks a second while a campaign's images come, 833 a second for a minute, and 50 a second are finished. Each client
 * looks when it is told, for the first time too; what it is told by was counted as long ago as a count may be used.
 */
function campaign(seconds: number): number[] {
  const random = randomOf(7);
  const looks: number[] = Array(seconds).fill(0);
  const due: number[][] = Array.from({ length: seconds + 5_000 }, () => []);
  const arrivedAt: number[] = [];
  let now = 0;
  let counted = 0;
  const finishedAt = (image: number) => Math.max((arrivedAt[image] ?? 0) + 1, image / 50);
  const tell = (image: number) => {
    const ageMs = (now - (arrivedAt[image] ?? 0)) * 1000;
    const unfinished = counted;
    const again = secondsToPoll({ ageMs, unfinished, requestsPerSecond: 1_000 }, random);
    due[now + Math.ceil(again)]?.push(image);
  };
  for (; now < seconds; now++) {
    if (now % 2 === 0) counted = arrivedAt.filter((_, image) => finishedAt(image) > now).length;
    for (const image of due[now] ?? []) {
      looks[now] = (looks[now] ?? 0) + 1;
      if (finishedAt(image) > now) tell(image);
    }
    for (let n = 0; n < 833 && now < 60; n++) tell(arrivedAt.push(now) - 1);
  }
  return looks;
}

describe('50,000 polling clients', () => {
  const looks = campaign(1_100);

  it('50,000 clients take about a tenth of the stage’s requests, while they arrive and while they wait', () => {
    const windows = Array.from({ length: 110 }, (_, n) => looks.slice(n * 10, 10 + n * 10));
    const rates = windows.map((window) => window.reduce((sum, one) => sum + one, 0) / 10);
    expect(Math.max(...rates)).toBeLessThan(300);
    const overall = looks.slice(60, 1_000).reduce((sum, one) => sum + one, 0) / 940;
    expect(overall).toBeLessThan(150);
    expect(overall).toBeGreaterThan(50);
  });
});

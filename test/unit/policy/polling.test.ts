import { describe, expect, it } from 'vitest';
import { secondsToPoll } from '../../../lambda/policy/polling.ts';
import { randomOf } from '../../../simulator/random.ts';

const stage = { drain: 50, requestsPerSecond: 1_000 };

describe('a polling client', () => {
  it.each([
    ['a new image of a quiet tenant', 0, 1, 1],
    ['one that waits for half a minute', 30_000, 2, 3],
    ['an old one', 3_600_000, 2, 30],
    ['one behind 1,000 others of its tenant, three quarters of their time', 0, 1_000, 15],
    ['one behind 50,000', 0, 50_000, 769],
    ['an old one behind 50,000', 3_600_000, 50_000, 769],
    ['one whose wait would be hours: capped', 0, 5_000_000, 3_600],
  ])('%s polls again by its place', (_, ageMs, work, seconds) => {
    expect(secondsToPoll({ ageMs, work, pace: 50, ...stage }, () => 0.5)).toBeCloseTo(seconds, -0.5);
  });

  it('a tenant with little work does not wait for the others', () => {
    expect(secondsToPoll({ ageMs: 0, work: 2, pace: 5, ...stage }, () => 0.5)).toBe(1);
  });

  it('where the API is slow compared with the workers, clients poll less often', () => {
    const slow = { drain: 50, requestsPerSecond: 100 };
    expect(secondsToPoll({ ageMs: 0, work: 1_000, pace: 50, ...slow }, () => 0.5)).toBe(100);
  });

  it('clients that start together receive different intervals', () => {
    const at = (random: number) => secondsToPoll({ ageMs: 0, work: 1_000, pace: 50, ...stage }, () => random);
    expect(at(1) / at(0)).toBeCloseTo(3);
  });
});

/** Polls a second while 50,000 images of one tenant wait, or of ten, and 50 a second are finished. */
function polls(tenants: number): number[] {
  const random = randomOf(7);
  const images = 50_000;
  const seconds = 1_000;
  const polled = Array<number>(seconds).fill(0);
  const due: number[][] = Array.from({ length: seconds + 5_000 }, () => []);
  const pace = 50 / tenants;
  const again = (image: number, now: number) => {
    const work = (images - 50 * now) / tenants;
    const wait = secondsToPoll({ ageMs: (60 + now) * 1000, work, pace, ...stage }, random);
    due[now + Math.ceil(wait)]?.push(image);
  };
  for (let image = 0; image < images; image++) again(image, 0);
  for (let now = 0; now < seconds; now++)
    for (const image of due[now] ?? []) {
      polled[now] = (polled[now] ?? 0) + 1;
      if (image / 50 > now) again(image, now);
    }
  return polled;
}

describe('50,000 waiting images', () => {
  it.each([1, 10])('of %i tenants, polled as told, take at most a tenth of the API', (tenants) => {
    const polled = polls(tenants);
    expect(polled.reduce((sum, one) => sum + one, 0) / polled.length).toBeLessThanOrEqual(100);
    // And in any ten seconds not much more.
    const windows = Array.from({ length: 90 }, (_, n) => polled.slice(n * 10, 10 + n * 10));
    const rates = windows.map((window) => window.reduce((sum, one) => sum + one, 0) / 10);
    expect(Math.max(...rates)).toBeLessThan(150);
  });
});

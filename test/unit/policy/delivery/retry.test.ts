import { describe, expect, it } from 'vitest';
import { deliveryLifeSeconds } from '../../../../lambda/domain/webhook.ts';
import {
  healthAfter,
  pauseAfterFailures,
  probes,
} from '../../../../lambda/policy/delivery/endpoint-health.ts';
import { endingOf, pauses, readRetryAfter, retryPause } from '../../../../lambda/policy/delivery/retry.ts';

const almostOne = () => 1 - Number.EPSILON;

describe('pauses between attempts', () => {
  it('double from 5 seconds to three hours', () => {
    const ceilings = [1, 2, 3, 4, 12, 13, 1_000].map((attempt) => Math.round(retryPause(attempt, almostOne)));
    expect(ceilings).toEqual([5, 10, 20, 40, 10_240, pauses.longestSeconds, pauses.longestSeconds]);
  });

  it('have full jitter, but last a second', () => {
    expect(retryPause(4, () => 0.5)).toBe(20);
    expect(retryPause(4, () => 0)).toBe(1);
  });

  it('are never shorter than the Retry-After of the receiver', () => {
    expect(retryPause(1, () => 0.5, 600)).toBe(600);
    expect(retryPause(12, almostOne, 600)).toBeCloseTo(10_240);
  });

  it('leave some 25 attempts in 24 hours', () => {
    let seconds = 0;
    let attempts = 0;
    while (seconds < deliveryLifeSeconds) {
      attempts += 1;
      seconds += retryPause(attempts, () => 0.5);
    }
    expect(attempts).toBeGreaterThan(20);
    expect(attempts).toBeLessThan(35);
  });
});

describe('Retry-After', () => {
  const now = Date.parse('2026-11-29T12:00:00Z');
  it.each([
    ['120', 120],
    [' 7 ', 7],
    ['Sun, 29 Nov 2026 12:02:00 GMT', 120],
    ['999999999', 3_600],
    ['Sun, 29 Nov 2099 12:02:00 GMT', 3_600],
    ['Sun, 29 Nov 2020 12:02:00 GMT', 0],
    ['-5', 0],
    ['soon', 0],
    ['', 0],
    [undefined, 0],
  ])('%s is %d seconds', (header, seconds) => {
    expect(readRetryAfter(header, now)).toBe(seconds);
  });
});

describe('endings', () => {
  it.each([
    [200, 'delivered'],
    [204, 'delivered'],
    [301, 'failed'],
    [308, 'failed'],
    [400, 'failed'],
    [410, 'gone'],
    [429, 'failed'],
    [500, 'failed'],
  ] as const)('%d is %s', (status, ending) => {
    expect(endingOf({ kind: 'response', status })).toBe(ending);
  });

  it('a fault failed, a stale request is not an attempt', () => {
    expect(endingOf({ kind: 'fault', fault: 'timed_out' })).toBe('failed');
    expect(endingOf({ kind: 'stale' })).toBe('stale');
  });
});

describe('health of an endpoint', () => {
  const well = { state: 'active', reason: null, failures: 0 } as const;
  const failing = { ...well, failures: pauseAfterFailures - 1 };
  const paused = { state: 'paused', reason: 'failures', failures: pauseAfterFailures } as const;

  it('counts failures in a row, and pauses at the tenth', () => {
    expect(healthAfter(well, ['failed', 'failed'], 0, almostOne)).toEqual({
      ...well,
      failures: 2,
      holdSeconds: 0,
    });
    const { holdSeconds, ...health } = healthAfter(failing, ['failed'], 0, almostOne);
    expect(health).toEqual(paused);
    expect(holdSeconds).toBeCloseTo(probes.firstSeconds);
  });

  it('a success ends the row and the pause', () => {
    expect(healthAfter(failing, ['failed', 'delivered'], 0, almostOne)).toEqual({ ...well, holdSeconds: 0 });
    expect(healthAfter(paused, ['delivered'], 0, almostOne)).toEqual({ ...well, holdSeconds: 0 });
  });

  it('probes come less and less often, spread over half of the pause', () => {
    const pauseOf = (failures: number, random: () => number) =>
      Math.round(healthAfter({ ...paused, failures }, ['failed'], 0, random).holdSeconds);
    expect([10, 11, 12, 100].map((failures) => pauseOf(failures, almostOne))).toEqual([60, 120, 240, 1_800]);
    expect(pauseOf(10, () => 0)).toBe(30);
  });

  it('stale requests change nothing', () => {
    expect(healthAfter(paused, ['stale'], 0, almostOne)).toEqual({ ...paused, holdSeconds: 0 });
    expect(healthAfter(well, ['stale'], 0, almostOne)).toEqual({ ...well, holdSeconds: 0 });
  });

  it('the Retry-After of a response holds for the whole endpoint', () => {
    expect(healthAfter(well, ['failed'], 90, almostOne).holdSeconds).toBe(90);
    expect(healthAfter(failing, ['failed'], 90, almostOne).holdSeconds).toBe(90);
  });

  it('a 410 disables, and nothing but its owner enables again', () => {
    const gone = healthAfter(well, ['gone'], 0, almostOne);
    expect(gone).toMatchObject({ state: 'disabled', reason: 'gone' });
    expect(healthAfter(gone, ['delivered'], 0, almostOne)).toMatchObject({ state: 'disabled' });
  });
});

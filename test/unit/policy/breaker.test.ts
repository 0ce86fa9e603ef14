import { expect, it } from 'vitest';
import { openBreaker, probeEveryMs } from '../../../lambda/policy/breaker.ts';

const half = () => 0.5;

it('a breaker opens with the first failure and closes with a success', () => {
  const breaker = openBreaker(half);
  expect(breaker.open).toBe(false);
  expect(breaker.waitMs(0)).toBe(0);
  expect(breaker.failed(0)).toBe(true);
  expect(breaker.open).toBe(true);
  expect(breaker.failed(1_000)).toBe(false);
  breaker.succeeded();
  expect(breaker.open).toBe(false);
  expect(breaker.waitMs(1_001)).toBe(0);
  expect(breaker.failed(2_000)).toBe(true);
});

it('the first probe follows within half a second, and the later ones within four', () => {
  const breaker = openBreaker(() => 0.999_999);
  const waits = [0, 10, 20, 30, 40, 50].map((second) => {
    breaker.failed(second * 1_000);
    return Math.round(breaker.waitMs(second * 1_000));
  });
  expect(waits).toEqual([500, 1_000, 2_000, 4_000, 4_000, 4_000]);
});

it('a probe is due when its wait is over, and the next one waits anew', () => {
  const breaker = openBreaker(half);
  for (let failure = 0; failure < 5; failure += 1) breaker.failed(0);
  expect(breaker.waitMs(1_000)).toBe(2_000);
  expect(breaker.waitMs(3_000)).toBe(0);
  breaker.failed(5_000);
  expect(breaker.waitMs(5_000)).toBe(3_000);
});

it('the probes of environments that fail together are spread over half of the wait', () => {
  const waits = Array.from({ length: 100 }, (_, environment) => {
    const breaker = openBreaker(() => environment / 100);
    for (let failure = 0; failure < 9; failure += 1) breaker.failed(0);
    return breaker.waitMs(0);
  });
  expect(Math.min(...waits)).toBe(probeEveryMs / 2);
  expect(Math.max(...waits)).toBeGreaterThan(0.99 * probeEveryMs);
  expect(new Set(waits).size).toBe(100);
});

import { expect, it } from 'vitest';
import { type Concurrency, openConcurrency } from '../../../lambda/policy/concurrency.ts';

/** Records statements of this duration, two seconds apart. @returns the share after each */
function statements(concurrency: Concurrency, ms: number, count: number, from = 0): number[] {
  return Array.from({ length: count }, (_, place) => {
    concurrency.succeeded('commit', ms, from + place * 2_000);
    return Number(concurrency.share.toFixed(3));
  });
}

it('with statements as fast as usual everything is admitted, without a rest', () => {
  const concurrency = openConcurrency();
  expect(statements(concurrency, 8, 20)).toEqual(Array(20).fill(1));
  expect([concurrency.admitted(10), concurrency.lanes(3), concurrency.restMs()]).toEqual([10, 3, 0]);
});

it('noise of some milliseconds does not make it slow: the baseline is at least 25 ms', () => {
  const concurrency = openConcurrency();
  statements(concurrency, 1, 50);
  expect(statements(concurrency, 99, 3, 1e6)).toEqual([1, 1, 1]);
  expect(statements(concurrency, 101, 1, 2e6)).toEqual([0.5]);
});

it('slow statements halve the share down to a fifth, and fast ones raise it by a tenth each', () => {
  const concurrency = openConcurrency();
  statements(concurrency, 50, 5);
  expect(statements(concurrency, 210, 4, 1e6)).toEqual([0.5, 0.25, 0.2, 0.2]);
  expect([concurrency.admitted(10), concurrency.lanes(3)]).toEqual([2, 1]);
  expect(statements(concurrency, 50, 9, 2e6)).toEqual([0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1]);
  expect([concurrency.admitted(10), concurrency.lanes(3)]).toEqual([10, 3]);
});

it('a failure lowers it like a slow statement, and those of one moment count once', () => {
  const concurrency = openConcurrency();
  for (let failure = 0; failure < 5; failure += 1) concurrency.failed(failure * 100);
  expect(concurrency.share).toBe(0.5);
  concurrency.failed(1_000);
  expect(concurrency.share).toBe(0.25);
});

it('statements take no more than the share of the time, and the rest is bounded', () => {
  const concurrency = openConcurrency();
  statements(concurrency, 50, 1);
  statements(concurrency, 400, 1, 1e6);
  // 400 / (400 + 400) is a half.
  expect(concurrency.restMs()).toBe(400);
  statements(concurrency, 400, 3, 2e6);
  // 400 / (400 + 1600) is a fifth.
  expect(concurrency.restMs()).toBe(1_600);
  statements(concurrency, 9_000, 1, 3e6);
  expect(concurrency.restMs()).toBe(2_000);
});

it('images that are not admitted return spread over longer, the less is admitted', () => {
  const concurrency = openConcurrency();
  expect(concurrency.spreadSeconds()).toBe(2);
  concurrency.failed(0);
  expect(concurrency.spreadSeconds()).toBe(4);
  for (let second = 1; second < 9; second += 1) concurrency.failed(second * 1_000);
  expect(concurrency.spreadSeconds()).toBe(10);
});

it('claims and commits have a baseline each', () => {
  const concurrency = openConcurrency();
  statements(concurrency, 20, 5);
  // A claim contains the handshake.
  for (let claim = 0; claim < 5; claim += 1) concurrency.succeeded('claim', 120, claim * 2_000);
  expect(concurrency.share).toBe(1);
});

it('an environment that has known only a slow database still finds it slow', () => {
  expect(statements(openConcurrency(), 1_001, 2)).toEqual([0.5, 0.25]);
});

it('a latency that lasts becomes the baseline within some hundred statements', () => {
  const concurrency = openConcurrency();
  statements(concurrency, 50, 5);
  const shares = statements(concurrency, 240, 500, 1e6);
  expect(shares[50]).toBe(0.2);
  expect(shares.at(-1)).toBe(1);
});

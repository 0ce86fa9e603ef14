import { expect, onTestFinished, test, vi } from 'vitest';
import { everyInterval } from '../../local/interval.ts';

test('a task runs at once and then at its interval, never two at a time, and not after the stop', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  let begun = 0;
  let ends = Promise.withResolvers<void>();
  const stop = everyInterval(60_000, () => {
    begun++;
    return ends.promise;
  });
  expect(begun).toBe(1);
  // The first one takes longer than two intervals.
  vi.advanceTimersByTime(150_000);
  expect(begun).toBe(1);
  const first = ends;
  ends = Promise.withResolvers();
  first.resolve();
  await new Promise((done) => setImmediate(done));
  vi.advanceTimersByTime(29_999);
  expect(begun).toBe(1);
  vi.advanceTimersByTime(1);
  expect(begun).toBe(2);
  ends.resolve();
  await new Promise((done) => setImmediate(done));
  stop();
  vi.advanceTimersByTime(600_000);
  expect(begun).toBe(2);
});

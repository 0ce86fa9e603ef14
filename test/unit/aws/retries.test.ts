import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { openClock } from '../../../lambda/aws/http/clock.ts';
import { openRetries } from '../../../lambda/aws/http/retries.ts';
import { ServiceError } from '../../../lambda/aws/http/service-error.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const slowDown = (headers = {}) =>
  new ServiceError({ name: 'SlowDown', message: 'Reduce.' }, { httpStatusCode: 503 }, headers);

/** A call that fails so many times, and a clock that only the test moves. */
function failing(times: number, error = slowDown()) {
  vi.useFakeTimers();
  // No jitter: nothing but Retry-After makes it wait.
  vi.spyOn(Math, 'random').mockReturnValue(0);
  const state = { calls: 0 };
  const call = async () => {
    state.calls += 1;
    if (state.calls <= times) throw error;
    return 'done';
  };
  return { state, call };
}

it('a service that says when to return is asked again then, not before', async () => {
  const { state, call } = failing(1, slowDown({ 'retry-after': '3' }));
  const done = openRetries(3)(call);
  await vi.advanceTimersByTimeAsync(2_900);
  expect(state.calls).toBe(1);
  await vi.advanceTimersByTimeAsync(200);
  expect(await done).toBe('done');
});

it('the signal ends the wait for the next try, with the error of the last one', async () => {
  const { state, call } = failing(1, slowDown({ 'retry-after': '3' }));
  const controller = new AbortController();
  const done = openRetries(3)(call, controller.signal);
  let ended: unknown;
  done.catch((error: unknown) => {
    ended = error;
  });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(ended).toBeUndefined();
  controller.abort();
  await vi.advanceTimersByTimeAsync(0);
  expect(ended).toMatchObject({ name: 'SlowDown', $metadata: { attempts: 1 } });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(state.calls).toBe(1);
});

it('a retry that succeeds gives its part of the budget back, and one that does not uses it up', async () => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(0);
  const triesOf = async (retry: ReturnType<typeof openRetries>, failures: number) => {
    let calls = 0;
    const call = async () => {
      calls += 1;
      if (calls <= failures) throw slowDown();
    };
    const ended = retry(call).catch(() => undefined);
    await vi.advanceTimersByTimeAsync(10);
    await ended;
    return calls;
  };
  const retry = openRetries(2);
  // The budget is of 500, and such a retry costs 5 or more.
  for (let n = 0; n < 150; n += 1) expect(await triesOf(retry, 1)).toBe(2);
  let tries = 2;
  for (let n = 0; n < 150; n += 1) tries = await triesOf(retry, 2);
  expect(tries).toBe(1);
});

it('a clock follows a service, and no cache between', () => {
  vi.useFakeTimers({ now: Date.parse('2030-01-01T12:00:00Z') });
  onTestFinished(() => void vi.useRealTimers());
  const clock = openClock();
  const date = 'Tue, 01 Jan 2030 11:00:00 GMT';
  expect(clock.observe(clock.now(), { date, age: '3600' })).toBe(false);
  expect(clock.now()).toEqual(new Date('2030-01-01T12:00:00Z'));
  expect(clock.observe(clock.now(), { date: 'soon' })).toBe(false);
  expect(clock.observe(clock.now(), { date })).toBe(true);
  expect(clock.now()).toEqual(new Date('2030-01-01T11:00:00Z'));
  // Signed with the time of now, a response of 3 minutes later is no reason to repeat a call.
  expect(clock.observe(clock.now(), { date: 'Tue, 01 Jan 2030 11:03:00 GMT' })).toBe(false);
});

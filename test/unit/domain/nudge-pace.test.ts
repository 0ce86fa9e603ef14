import { expect, it } from 'vitest';
import { openNudgePace } from '../../../lambda/domain/nudge-pace.ts';

function paced() {
  let now = 10_000;
  const pace = openNudgePace(() => now);
  const at = (ms: number) => {
    now = 10_000 + ms;
    return pace.next();
  };
  return { pace, at };
}

it('a nudge is sent at once, one within 250 ms of it with a delay, and none while that is on its way', () => {
  const { at } = paced();
  expect([0, 100, 200, 249].map(at)).toEqual([0, 1, undefined, undefined]);
  expect([250, 300, 500, 501].map(at)).toEqual([0, undefined, 0, undefined]);
  // The delayed one arrived at 1,100.
  expect([1_000, 1_100].map(at)).toEqual([0, 1]);
});

it('every event has a nudge that arrives after it, within a second, and nudges are at most five a second', () => {
  let seed = 7;
  const random = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  const { at } = paced();
  const arrivals: number[] = [];
  const events: number[] = [];
  for (let ms = 0; ms < 60_000; ms += Math.ceil(random() * 100)) {
    events.push(ms);
    const delay = at(ms);
    if (delay !== undefined) arrivals.push(ms + delay * 1_000);
  }
  for (const event of events)
    expect(arrivals.some((arrival) => arrival >= event && arrival <= event + 1_000)).toBe(true);
  expect(arrivals.length).toBeLessThanOrEqual(5 * 60);
});

it('a nudge that was not sent does not stand for the next event', () => {
  const { pace, at } = paced();
  expect([at(0), at(10)]).toEqual([0, 1]);
  pace.forget();
  expect(at(20)).toBe(0);
});

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

it('the first nudge is sent at once, one in the next second with a delay, and none while that is on its way', () => {
  const { at } = paced();
  expect([0, 100, 200, 1_099].map(at)).toEqual([0, 1, undefined, undefined]);
  // The delayed one arrives at 1,100.
  expect(at(1_100)).toBe(1);
  expect(at(2_099)).toBeUndefined();
  expect(at(3_100)).toBe(0);
});

it('every event has a nudge that arrives after it, within a second, and nudges are at most one a second', () => {
  let seed = 7;
  const random = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  const { at } = paced();
  const arrivals: number[] = [];
  const events: number[] = [];
  for (let ms = 0; ms < 60_000; ms += Math.ceil(random() * 700)) {
    events.push(ms);
    const delay = at(ms);
    if (delay !== undefined) arrivals.push(ms + delay * 1_000);
  }
  for (const event of events)
    expect(arrivals.some((arrival) => arrival >= event && arrival <= event + 1_000)).toBe(true);
  expect(arrivals.length).toBeLessThanOrEqual(61);
});

it('a nudge that was not sent does not stand for the next event', () => {
  const { pace, at } = paced();
  expect([at(0), at(10)]).toEqual([0, 1]);
  pace.forget();
  expect(at(20)).toBe(0);
});

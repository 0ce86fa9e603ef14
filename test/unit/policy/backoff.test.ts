import { expect, it } from 'vitest';
import { backoffSeconds, heldSeconds } from '../../../lambda/policy/backoff.ts';

it('back-off doubles with each receive up to a quarter of an hour', () => {
  const most = [1, 2, 3, 8, 9, 20].map((receives) => backoffSeconds(receives, () => 0.9999));
  expect(most).toEqual([5, 10, 20, 640, 900, 900]);
});

it('back-off is spread over its whole range', () => {
  expect([0, 0.25, 0.5].map((random) => backoffSeconds(5, () => random))).toEqual([0, 20, 40]);
});

it('a message whose worker waited for the database returns within 5 s for 40 receives, and then backs off', () => {
  const most = [1, 40, 41, 42, 50].map((receives) => heldSeconds(receives, () => 0.9999));
  expect(most).toEqual([5, 5, 5, 10, 900]);
  expect(heldSeconds(7, () => 0.5)).toBe(3);
});

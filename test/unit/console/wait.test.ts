import { expect, it } from 'vitest';
import { Refused } from '../../../console/api.ts';
import { duration, patiently } from '../../../console/wait.ts';

const refusal = (retryAfter?: number) => new Refused(429, 'Too many.', retryAfter);

function waitingFor(stopped = () => false) {
  const said: string[] = [];
  let seconds = 0;
  const pause = async (more: number) => {
    seconds += more;
  };
  return { said, slept: () => seconds, waiting: { say: (text: string) => said.push(text), stopped, pause } };
}

it('a refused action is repeated after the time of its Retry-After, which is shown every second', async () => {
  const { said, slept, waiting } = waitingFor();
  const answers = [refusal(2), refusal(1), 'done'];
  const result = await patiently(async () => {
    const next = answers.shift();
    if (next instanceof Error) throw next;
    return next;
  }, waiting);
  expect(result).toBe('done');
  expect(slept()).toBe(3);
  expect(said).toEqual([
    'Too many. Trying again in 2 s',
    'Too many. Trying again in 1 s',
    '',
    'Too many. Trying again in 1 s',
    '',
  ]);
});

it('an error without Retry-After is not repeated', async () => {
  const { slept, waiting } = waitingFor();
  for (const error of [refusal(), new Error('a bug')])
    await expect(patiently(() => Promise.reject(error), waiting)).rejects.toBe(error);
  expect(slept()).toBe(0);
});

it('a wait ends when the image is deleted', async () => {
  let left = 5;
  const { slept, waiting } = waitingFor(() => left-- <= 0);
  await expect(patiently(() => Promise.reject(refusal(1_000)), waiting)).rejects.toThrow('Too many.');
  expect(slept()).toBeLessThan(5);
});

it.each([
  [1, '1 s'],
  [59, '59 s'],
  [60, '1 min 0 s'],
  [3_600, '60 min 0 s'],
])('%d seconds are shown as %s', (seconds, text) => expect(duration(seconds)).toBe(text));

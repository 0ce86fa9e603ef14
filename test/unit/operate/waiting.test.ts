import { expect, it } from 'vitest';
import { reportWhileWaiting } from '../../../bin/operate/report-waiting.ts';

it('a long wait is reported until it ends with the result', async () => {
  const lines: string[] = [];
  const { promise, resolve } = Promise.withResolvers<string>();
  const say = (line: string) => {
    if (lines.push(line) === 2) resolve('the answer');
  };
  await expect(reportWhileWaiting('migrate', promise, say, 1)).resolves.toBe('the answer');
  expect(lines).toEqual([
    expect.stringMatching(/^Waiting for migrate, for \d+ s …$/),
    expect.stringMatching(/^Waiting for migrate/),
  ]);
});

it('a short wait is not reported, and passes on the error', async () => {
  const lines: string[] = [];
  const say = (line: string) => void lines.push(line);
  await expect(reportWhileWaiting('migrate', Promise.reject(new Error('no')), say)).rejects.toThrow('no');
  expect(lines).toEqual([]);
});

import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { stderrTail } from '../../../../lambda/imaging/sandbox/stderr-tail.ts';

function listen() {
  const stream = new PassThrough();
  let floods = 0;
  const words = stderrTail(stream, () => void floods++);
  return { stream, words, floods: () => floods };
}

it('the end of the error output is kept in one line, however it is split', () => {
  const { stream, words } = listen();
  expect(words()).toBe('');
  for (const part of ['x'.repeat(5000), ' the last\n', '\u0000line\u001b[31m']) stream.write(part);
  expect(words()).toMatch(/^x{1900,2000} the last line \[31m$/);
});

it('a sandbox that writes too much is reported once, and one that writes less is not', () => {
  const { stream, floods } = listen();
  stream.write(Buffer.alloc(1024 * 1024));
  expect(floods()).toBe(0);
  for (let more = 0; more < 3; more++) stream.write('x');
  expect(floods()).toBe(1);
});

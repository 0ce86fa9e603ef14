import { expect, test } from 'vitest';
import { resolveConfig } from '../../lib/config/resolve.ts';
import type { Part } from '../../local/parts/part.ts';
import { type PartList, PartRunner } from '../../local/parts/part-runner.ts';
import { config } from '../../sluice.config.ts';

const happened: string[] = [];

function runnerWith(signal?: AbortSignal): PartRunner {
  happened.length = 0;
  const options = { config: resolveConfig(config), home: '', port: 0, onProgress: () => undefined };
  return new PartRunner(signal === undefined ? options : { ...options, signal });
}

/** A part that records its calls. */
function part(name: string, changes: Partial<Part<string>> = {}): Part<string> {
  return {
    name,
    start: () => {
      happened.push(`start ${name}`);
      return name;
    },
    stop: (running) => void happened.push(`stop ${running}`),
    ...changes,
  };
}
const failing = (name: string) =>
  part(name, {
    start: () => {
      throw new Error(`${name} failed`);
    },
  });

test('parts start in order and stop in reverse order', async () => {
  const runner = runnerWith();
  await runner.start([part('a'), [part('b'), part('c')], part('d')]);
  await runner.stop();
  const expected = ['start a', 'start b', 'start c', 'start d', 'stop d', 'stop c', 'stop b', 'stop a'];
  expect(happened).toEqual(expected);
});

test('a part uses what an earlier one returned; using a later one is an error', async () => {
  const later = part('later');
  const user: Part<string> = part('user', { start: ({ use }) => `uses ${use(later)}` });
  const runner = runnerWith();
  await runner.start([later, user]);
  expect(runner.use(user)).toBe('uses later');
  await expect(runnerWith().start([user, later])).rejects.toThrow('The part later has not started.');
});

test('a failed start stops the parts that started, also one that comes up after the failure', async () => {
  const gate = Promise.withResolvers<string>();
  const slow = part('slow', { start: () => gate.promise });
  const list: PartList = [part('first'), [failing('broken'), slow], part('never')];
  const started = runnerWith().start(list);
  setImmediate(() => gate.resolve('slow'));
  await expect(started).rejects.toThrow('broken failed');
  expect(happened).toEqual(['start first', 'stop slow', 'stop first']);
});

test('a part that fails to stop does not keep the others running', async () => {
  const stubborn = part('stubborn', { stop: () => Promise.reject(new Error('stuck')) });
  const runner = runnerWith();
  await runner.start([part('a'), stubborn]);
  await expect(runner.stop()).rejects.toThrow('Some parts did not stop properly');
  expect(happened.at(-1)).toBe('stop a');
});

test('an aborted start begins no further part and stops those that started', async () => {
  const stopping = new AbortController();
  const last = part('last', {
    start: () => {
      stopping.abort();
      return 'last';
    },
  });
  const started = runnerWith(stopping.signal).start([part('a'), last, part('never')]);
  await expect(started).rejects.toThrow('aborted');
  expect(happened).toEqual(['start a', 'stop last', 'stop a']);
});

test('a process that ends by itself is reported by its name, one that was stopped is not', async () => {
  const died = Promise.withResolvers<void>();
  const runner = runnerWith();
  await runner.start([part('a'), part('server', { ended: () => died.promise })]);
  died.resolve();
  expect(await runner.failed).toBe('server');

  const stopped = Promise.withResolvers<void>();
  const second = runnerWith();
  await second.start([part('server', { ended: () => stopped.promise, stop: () => stopped.resolve() })]);
  let reported = false;
  second.failed.then(() => {
    reported = true;
  });
  await second.stop();
  await new Promise((done) => setImmediate(done));
  expect(reported).toBe(false);
});

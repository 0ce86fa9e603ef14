import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type InvocationResult, Throttled } from '../../local/lambda/definition.ts';
import { EventQueue, type EventQueueOptions } from '../../local/lambda/event-queue.ts';
import { eventually, temporaryFolder } from './test-host.ts';

const fine: InvocationResult = { ok: true, requestId: 'r', payload: 'null' };
const failed: InvocationResult = {
  ok: false,
  requestId: 'r',
  error: { errorType: 'Error', errorMessage: 'broken' },
};

function open(folder: string, invoke: EventQueueOptions['invoke'], options: Partial<EventQueueOptions> = {}) {
  const trouble: string[] = [];
  const queue = new EventQueue({
    folder,
    invoke,
    concurrency: 2,
    onTrouble: (line) => trouble.push(line),
    retryMs: [1, 1],
    ...options,
  });
  onTestFinished(() => queue.stop());
  return { queue, trouble };
}

test('an accepted event is delivered once and then removed', async () => {
  const folder = temporaryFolder();
  const seen: unknown[] = [];
  const { queue } = open(folder, async (event) => {
    seen.push(event);
    return fine;
  });
  await queue.add({ a: 1 });
  await eventually(() => readdirSync(folder).length === 0, 'the delivery');
  expect(seen).toEqual([{ a: 1 }]);
});

test('an event that was accepted and not delivered is delivered by the next run, in order', async () => {
  const folder = temporaryFolder();
  const { queue } = open(folder, () => new Promise(() => undefined), { concurrency: 1 });
  for (const a of [1, 2, 3]) await queue.add({ a });
  queue.stop();
  writeFileSync(join(folder, '999999999999999-00000001.json.new'), '{"a":');
  writeFileSync(join(folder, '999999999999999-00000002.json'), '{"a":');
  const seen: unknown[] = [];
  const next = open(
    folder,
    async (event) => {
      seen.push(event);
      return fine;
    },
    { concurrency: 1 },
  );
  expect(next.queue.resume()).toBe(3);
  await eventually(() => readdirSync(folder).length === 0, 'the deliveries');
  expect(seen).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
});

test('after an error of the function there are two more attempts, then the event is dropped and logged', async () => {
  const folder = temporaryFolder();
  let tries = 0;
  const { queue, trouble } = open(folder, async () => {
    tries++;
    return failed;
  });
  await queue.add({});
  await eventually(() => readdirSync(folder).length === 0, 'the end');
  expect(tries).toBe(3);
  expect(trouble.at(-1)).toBe('broken (given up)');
});

const throttled = () => new Throttled('ReservedFunctionConcurrentInvocationLimitExceeded');

test('a throttle is not an attempt: with one before each, there are still three', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const folder = temporaryFolder();
  const answers: string[] = [];
  const { queue, trouble } = open(folder, async () => {
    answers.push(answers.length % 2 === 0 ? 'throttled' : 'failed');
    if (answers.at(-1) === 'throttled') throw throttled();
    return failed;
  });
  await queue.add({});
  for (let call = 1; call < 6; call++) {
    await eventually(() => vi.getTimerCount() === 1, 'the pause before the next try');
    vi.advanceTimersToNextTimer();
  }
  vi.useRealTimers();
  await eventually(() => readdirSync(folder).length === 0, 'the end');
  expect(answers).toEqual(['throttled', 'failed', 'throttled', 'failed', 'throttled', 'failed']);
  expect(trouble.map((line) => line.replace(/.*\(/, '('))).toEqual([
    '(retrying in 0.001 s)',
    '(retrying in 0.001 s)',
    '(given up)',
  ]);
});

test('a throttled event is retried without limit, after a second at first and five minutes at most', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const calls: number[] = [];
  const { queue, trouble } = open(temporaryFolder(), async () => {
    calls.push(Date.now());
    if (calls.length <= 12) throw throttled();
    return fine;
  });
  await queue.add({});
  for (let call = 1; call <= 12; call++) {
    await eventually(() => calls.length === call && vi.getTimerCount() === 1, 'the pause');
    vi.advanceTimersToNextTimer();
  }
  await eventually(() => calls.length === 13, 'the delivery');
  const pauses = calls.slice(1).map((at, index) => (at - (calls[index] ?? 0)) / 1000);
  expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
  expect(trouble).toEqual([]);
});

test('events do not exceed the limit of simultaneous executions', async () => {
  const folder = temporaryFolder();
  let running = 0;
  let peak = 0;
  // The first waits for a second one at the same time, however slow the disk with the events is.
  const two = Promise.withResolvers<void>();
  const { queue } = open(folder, async () => {
    peak = Math.max(peak, ++running);
    if (running >= 2) two.resolve();
    await two.promise;
    for (let turns = 0; turns < 10; turns++) await new Promise((done) => setImmediate(done));
    running--;
    return fine;
  });
  await Promise.all(Array.from({ length: 40 }, (_, a) => queue.add({ a })));
  await eventually(() => readdirSync(folder).length === 0, 'all deliveries');
  expect(peak).toBe(2);
});

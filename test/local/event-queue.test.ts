import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type InvocationResult, Throttled } from '../../local/lambda/definition.ts';
import { EventQueue, type EventQueueOptions } from '../../local/lambda/event-queue.ts';
import { eventually, temporaryFolder } from './workshop.ts';

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

test('an accepted event is delivered once and then forgotten', async () => {
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

test('after an error of the function there are two more tries, then the event is given up and noted', async () => {
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

test('a throttle is no try', async () => {
  const folder = temporaryFolder();
  let calls = 0;
  const { queue, trouble } = open(folder, async () => {
    if (++calls === 1) throw new Throttled('ReservedFunctionConcurrentInvocationLimitExceeded');
    return fine;
  });
  await queue.add({});
  await eventually(() => readdirSync(folder).length === 0, 'the delivery');
  expect([calls, trouble]).toEqual([2, []]);
});

test('events cause no more executions at once than they may', async () => {
  const folder = temporaryFolder();
  let running = 0;
  let peak = 0;
  const { queue } = open(folder, async () => {
    peak = Math.max(peak, ++running);
    await new Promise((done) => setImmediate(done));
    running--;
    return fine;
  });
  await Promise.all(Array.from({ length: 40 }, (_, a) => queue.add({ a })));
  await eventually(() => readdirSync(folder).length === 0, 'all deliveries');
  expect(peak).toBe(2);
});

import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { doneMessages } from '../../local/event-source/batch.ts';
import { EventSourceMapping, type MappingOptions } from '../../local/event-source/mapping.ts';
import { type InvocationResult, Throttled } from '../../local/lambda/definition.ts';
import { ProcessRegistry } from '../../local/processes/registry.ts';
import { type RunningFauxqs, startFauxqs } from '../../local/queues/fauxqs.ts';
import { ensureQueue, queueArn, type SqsQueue } from '../../local/queues/sqs.ts';
import { patience } from '../support/pace.ts';
import { eventually, startHost, temporaryFolder, tinyFunction } from './test-host.ts';

let home: string;
let fauxqs: RunningFauxqs;

const start = (folder: string) =>
  startFauxqs({
    dataFolder: join(folder, 'queues'),
    logFolder: join(folder, 'logs'),
    registry: new ProcessRegistry(join(folder, 'run'), folder),
  });

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'sluice-queue-'));
  fauxqs = await start(home);
});
afterAll(async () => {
  await fauxqs.stop();
  rmSync(home, { recursive: true, force: true });
});

interface Record {
  messageId: string;
  body: string;
  attributes: { ApproximateReceiveCount: string };
}
type Handler = (records: Record[]) => Promise<unknown> | unknown;

/** A visibility timeout within which a message is processed and deleted here. */
const shortly = () => Math.ceil(patience(3_000) / 1_000);

async function makeQueue(
  visibility = shortly(),
  maxReceiveCount = 10,
): Promise<{ queue: SqsQueue; dlq: SqsQueue }> {
  const name = `jobs-${randomUUID()}`;
  const dlq = await ensureQueue(fauxqs.endpoint, `${name}-dlq`, {});
  const queue = await ensureQueue(fauxqs.endpoint, name, {
    VisibilityTimeout: String(visibility),
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn(`${name}-dlq`), maxReceiveCount }),
  });
  return { queue, dlq };
}

/** Maps the queue to a handler in this process; its errors are function errors. */
function map(queue: SqsQueue, handler: Handler, options: Partial<MappingOptions> = {}): EventSourceMapping {
  const mapping = new EventSourceMapping({
    queue,
    queueArn: queueArn('jobs'),
    maxConcurrency: 2,
    batchSize: 10,
    batchWindowSeconds: 0,
    waitSeconds: 1,
    onTrouble: () => undefined,
    invoke: async (event) => {
      const requestId = randomUUID();
      try {
        const answer = await handler((event as { Records: Record[] }).Records);
        const payload = typeof answer === 'string' ? answer : JSON.stringify(answer ?? null);
        return { ok: true, requestId, payload } satisfies InvocationResult;
      } catch (error) {
        if (error instanceof Throttled) throw error;
        return { ok: false, requestId, error: { errorType: 'Error', errorMessage: String(error) } };
      }
    },
    ...options,
  });
  onTestFinished(() => mapping.stop());
  return mapping;
}

const isEmpty = async (queue: SqsQueue) => {
  const { visible, inFlight, delayed } = await queue.depth();
  return visible + inFlight + delayed === 0;
};

test('messages not reported as failed are deleted, and failed ones are received again', async () => {
  const { queue } = await makeQueue();
  const seen: string[] = [];
  for (const body of ['a', 'b', 'c']) await queue.send(body);
  map(queue, (records) => {
    seen.push(...records.map(({ body, attributes }) => `${body}${attributes.ApproximateReceiveCount}`));
    const failed = records.filter(
      ({ body, attributes }) => body === 'b' && attributes.ApproximateReceiveCount === '1',
    );
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  });
  await eventually(() => isEmpty(queue), 'the empty queue');
  expect(seen.sort()).toEqual(['a1', 'b1', 'b2', 'c1']);
});

test('nothing is deleted when the function fails, and after the last receive the message is in the DLQ', async () => {
  const { queue, dlq } = await makeQueue(shortly(), 2);
  let calls = 0;
  await queue.send('poison');
  map(queue, () => {
    calls++;
    throw new Error('broken');
  });
  await eventually(async () => (await dlq.depth()).visible === 1, 'the message in the DLQ');
  expect(calls).toBe(2);
  expect(await isEmpty(queue)).toBe(true);
});

test('a throttled batch is left to its visibility timeout and does not stop the poller', async () => {
  const { queue } = await makeQueue();
  let calls = 0;
  await queue.send('later');
  map(queue, () => {
    if (++calls === 1) throw new Throttled('ReservedFunctionConcurrentInvocationLimitExceeded');
    return null;
  });
  await eventually(() => isEmpty(queue), 'the empty queue');
  expect(calls).toBe(2);
});

test('a mapping that is paused takes nothing, and all that came meanwhile once it resumes', async () => {
  const { queue } = await makeQueue();
  const seen: string[] = [];
  const mapping = map(queue, (records) => {
    seen.push(...records.map(({ body }) => body));
  });
  await queue.send('before');
  await eventually(() => isEmpty(queue), 'the empty queue');
  await mapping.pause();
  for (const body of ['a', 'b']) await queue.send(body);
  // No poll of before is left, which would take one.
  expect(await queue.depth()).toMatchObject({ visible: 2, inFlight: 0 });
  mapping.resume();
  await eventually(() => isEmpty(queue), 'the empty queue');
  expect(seen.sort()).toEqual(['a', 'b', 'before']);
});

const message = (id: string) => ({ MessageId: id, ReceiptHandle: id, Body: '', MD5OfBody: '' });
test.each([
  ['', ['a', 'b']],
  ['null', ['a', 'b']],
  ['{}', ['a', 'b']],
  ['{"batchItemFailures":null}', ['a', 'b']],
  ['{"batchItemFailures":[]}', ['a', 'b']],
  ['{"batchItemFailures":[{"itemIdentifier":"a"}]}', ['b']],
  ['{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"stranger"}]}', []],
  ['{"batchItemFailures":[{"itemIdentifier":""}]}', []],
  ['{"batchItemFailures":[{"itemIdentifier":null}]}', []],
  ['{"batchItemFailures":[{"id":"a"}]}', []],
  ['{"batchItemFailures":"a"}', []],
  ['"done"', []],
  ['not json', []],
])('for a batch a, b the response %s deletes %j', (payload, deleted) => {
  const done = doneMessages([message('a'), message('b')], payload);
  expect(done.map(({ MessageId }) => MessageId)).toEqual(deleted);
});

test('the mapping invokes concurrently up to its maximum and never above it', async () => {
  const { queue } = await makeQueue(30);
  for (let i = 0; i < 12; i++) await queue.send(String(i));
  let running = 0;
  let peak = 0;
  const release = Promise.withResolvers<void>();
  map(
    queue,
    async () => {
      peak = Math.max(peak, ++running);
      if (peak === 3) release.resolve();
      await release.promise;
      running--;
    },
    { maxConcurrency: 3, batchSize: 1 },
  );
  await eventually(() => isEmpty(queue), 'the empty queue');
  expect(peak).toBe(3);
});

test('while one poller waits for the function another still receives', async () => {
  const { queue } = await makeQueue(30);
  const hold = Promise.withResolvers<void>();
  const seen: string[] = [];
  map(
    queue,
    async ([record]) => {
      seen.push(record?.body ?? '');
      if (record?.body === 'long') await hold.promise;
    },
    { maxConcurrency: 2 },
  );
  await queue.send('long');
  await eventually(() => seen.includes('long'), 'the long one');
  // Longer than one long poll of the idle poller (1 s): it must still be active.
  const before = Date.now();
  await eventually(() => Date.now() - before > 1_200, 'more than one long poll');
  await queue.send('short');
  await eventually(() => seen.includes('short'), 'the short one', 2_000);
  hold.resolve();
  await eventually(() => isEmpty(queue), 'the empty queue');
});

test('with a window a batch waits for more messages', async () => {
  const { queue } = await makeQueue(30);
  const batches: number[] = [];
  map(queue, (records) => void batches.push(records.length), {
    maxConcurrency: 1,
    batchSize: 3,
    // Longer than the test: the third message ends it.
    batchWindowSeconds: 600,
  });
  for (let i = 0; i < 3; i++) await queue.send(String(i));
  await eventually(() => isEmpty(queue), 'the empty queue');
  expect(batches).toEqual([3]);
});

test('stopping settles invocations in progress and receives nothing more', async () => {
  const { queue } = await makeQueue(30);
  const hold = Promise.withResolvers<void>();
  const seen: string[] = [];
  const mapping = map(queue, async ([record]) => {
    seen.push(record?.body ?? '');
    await hold.promise;
  });
  await queue.send('first');
  await eventually(() => seen.length === 1, 'the first message');
  const stopped = mapping.stop();
  await queue.send('second');
  hold.resolve();
  await stopped;
  expect(seen).toEqual(['first']);
  // The interrupted long poll may have received it: then it returns when its visibility timeout ends.
  const { visible, inFlight } = await queue.depth();
  expect(visible + inFlight).toBe(1);
});

test('the host and the mapping together: a real function reports a failure', async () => {
  const { queue } = await makeQueue();
  const folder = temporaryFolder();
  const host = await startHost(folder);
  const source = `export const handler = async ({ Records }) => ({ batchItemFailures: Records
    .filter((r) => r.eventSource !== 'aws:sqs' || r.attributes.ApproximateReceiveCount === '1')
    .map((r) => ({ itemIdentifier: r.messageId })) });`;
  host.add(tinyFunction(folder, 'worker', source, { maxConcurrency: 2 }));
  await queue.send('x');
  const mapping = new EventSourceMapping({
    queue,
    queueArn: queueArn('jobs'),
    maxConcurrency: 2,
    batchSize: 10,
    batchWindowSeconds: 0,
    onTrouble: () => undefined,
    invoke: (event) => host.invoke('worker', event),
  });
  onTestFinished(() => mapping.stop());
  await eventually(() => isEmpty(queue), 'the empty queue');
  expect(host.statistics('worker')).toMatchObject({ invocations: 2, errors: 0, throttles: 0 });
});

test('messages survive a kill -9 of fauxqs, and those in flight are visible afterwards', async () => {
  const folder = temporaryFolder();
  const first = await start(folder);
  const queue = await ensureQueue(first.endpoint, 'jobs', { VisibilityTimeout: '600' });
  await queue.send('waiting');
  await queue.send('in flight');
  expect(await queue.receive(1, 0)).toHaveLength(1);
  process.kill(first.pid, 'SIGKILL');
  await first.ended;
  const second = await start(folder);
  onTestFinished(() => second.stop());
  const again = await ensureQueue(second.endpoint, 'jobs', { VisibilityTimeout: '600' });
  const bodies = (await again.receive(10, 1)).map(({ Body }) => Body);
  expect(bodies.sort()).toEqual(['in flight', 'waiting']);
});

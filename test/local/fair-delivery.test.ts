import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { ProcessRegistry } from '../../local/processes/registry.ts';
import { type RunningFauxqs, startFauxqs } from '../../local/queues/fauxqs.ts';
import { ensureQueue, queueArn, type ReceivedMessage, type SqsQueue } from '../../local/queues/sqs.ts';
import { eventually } from './test-host.ts';

let fauxqs: RunningFauxqs;
let folder: string;

const start = (options: { fairDelivery?: boolean } = {}, queues = 'queues') =>
  startFauxqs({
    dataFolder: `${folder}/${queues}`,
    logFolder: `${folder}/logs`,
    registry: new ProcessRegistry(`${folder}/run`, folder),
    ...options,
  });
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-fair-'));
  fauxqs = await start();
});
afterAll(async () => {
  await fauxqs.stop();
  rmSync(folder, { recursive: true, force: true });
});

const newQueue = (attributes: Record<string, string> = {}, name = `jobs-${randomUUID()}`) =>
  ensureQueue(fauxqs.endpoint, name, { VisibilityTimeout: '600', ...attributes });

async function receive(queue: SqsQueue, count: number): Promise<ReceivedMessage[]> {
  const messages: ReceivedMessage[] = [];
  while (messages.length < count)
    messages.push(...(await queue.receive(Math.min(10, count - messages.length), 1)));
  return messages;
}
const bodies = (messages: readonly ReceivedMessage[]) => messages.map(({ Body }) => Body);

/** A queue in which `loud` has 30 messages in flight, and more that wait before one of `quiet`. */
async function flooded(queue: SqsQueue): Promise<ReceivedMessage[]> {
  for (let sent = 0; sent < 40; sent += 1) await queue.send(`loud ${sent}`, 'loud');
  const inFlight = await receive(queue, 30);
  await queue.send('quiet', 'quiet');
  return inFlight;
}

test('a quiet tenant is delivered before the backlog of a noisy one, and each message returns its group', async () => {
  const queue = await newQueue();
  await flooded(queue);
  const [first, second] = await receive(queue, 2);
  expect(first).toMatchObject({ Body: 'quiet', Attributes: { MessageGroupId: 'quiet' } });
  expect(second).toMatchObject({ Body: 'loud 30', Attributes: { MessageGroupId: 'loud' } });
});

test('messages of a batch keep their groups, those without one too, also if an entry is refused', async () => {
  const queue = await newQueue();
  const entry = (Id: string, MessageBody: string, MessageGroupId?: string) => ({
    ...{ Id, MessageBody },
    ...(MessageGroupId === undefined ? {} : { MessageGroupId }),
  });
  const Entries = [entry('0', 'a', 'A'), entry('1', '\u0000', 'X'), entry('2', 'b'), entry('3', 'a', 'C')];
  const response = await fetch(fauxqs.endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'AmazonSQS.SendMessageBatch',
    },
    body: JSON.stringify({ QueueUrl: queue.url, Entries }),
  });
  expect(await response.json()).toMatchObject({ Failed: [{ Id: '1' }] });
  const received = await receive(queue, 3);
  expect(received.map(({ Body, Attributes }) => [Body, Attributes?.MessageGroupId])).toEqual([
    ['a', 'A'],
    ['b', undefined],
    ['a', 'C'],
  ]);
});

test('receives count as before, and after the last one a message is in the dead-letter queue with its group', async () => {
  const dead = await newQueue({}, 'dead');
  const queue = await newQueue({
    VisibilityTimeout: '0',
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn('dead'), maxReceiveCount: 2 }),
  });
  await queue.send('poison', 'acme');
  const counts: (string | undefined)[] = [];
  await eventually(async () => {
    for (const { Attributes } of await queue.receive(10, 0)) counts.push(Attributes?.ApproximateReceiveCount);
    return (await dead.depth()).visible === 1;
  }, 'the message in the dead-letter queue');
  expect(counts).toEqual(['1', '2']);
  expect(await receive(dead, 1)).toMatchObject([{ Body: 'poison', Attributes: { MessageGroupId: 'acme' } }]);
});

test('a message that is deleted or returns is no longer in flight', async () => {
  const queue = await newQueue();
  const inFlight = await flooded(queue);
  await queue.delete(inFlight.slice(0, 10));
  expect(await queue.depth()).toMatchObject({ inFlight: 20, visible: 11 });
});

test('after a kill -9 messages and their groups are there, and delivery is fair', async () => {
  const queue = await newQueue({}, 'survives');
  await flooded(queue);
  process.kill(fauxqs.pid, 'SIGKILL');
  await fauxqs.ended;
  fauxqs = await start();
  const again = await newQueue({}, 'survives');
  expect(await again.depth()).toMatchObject({ visible: 41, inFlight: 0 });
  // All begin anew: the tenant is noisy with 30 in flight at the latest.
  const messages = await receive(again, 31);
  expect(bodies(messages)).toContain('quiet');
  const groups = messages.map(({ Attributes }) => Attributes?.MessageGroupId);
  expect(groups.filter((group) => group === 'loud')).toHaveLength(30);
});

test('without fair delivery messages come in order of arrival, and keep their groups', async () => {
  const plain = await start({ fairDelivery: false }, 'plain');
  onTestFinished(() => plain.stop());
  const queue = await ensureQueue(plain.endpoint, 'jobs', { VisibilityTimeout: '600' });
  await flooded(queue);
  expect(await receive(queue, 1)).toMatchObject([
    { Body: 'loud 30', Attributes: { MessageGroupId: 'loud' } },
  ]);
});

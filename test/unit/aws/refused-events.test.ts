import type { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { queueClient } from '../../../lambda/aws/queue-client.ts';
import { openRefusedEvents } from '../../../lambda/aws/refused-events.ts';
import { consumerHandler } from '../../../lambda/runtime/consume/handler.ts';
import { recordingLog } from '../process/test-worker.ts';
import { type Cloud, startCloud } from './cloud.ts';

/* What others write into a topic, through the handler of a consumer, to a real queue. */

let cloud: Cloud;
let client: SQSClient;
beforeAll(async () => {
  cloud = await startCloud();
  client = queueClient();
});
afterAll(async () => {
  client.destroy();
  await cloud.stop();
});
beforeEach(() => cloud.server.reset());

const largest = 1_048_576;
const avro = Buffer.from([0, 0, 0, 0, 1, 0x10, 0x61]);
const latin = Buffer.from('caf\xe9', 'latin1');
const control = Buffer.from('a\u0001b\u0000');
const binary = Buffer.alloc(400_000, 0xff);
const huge = Buffer.alloc(900_000, 0x41);

async function parked(value: Buffer | null) {
  const refusedEvents = openRefusedEvents({ queueUrl: cloud.queueUrl, consumer: 'audit', client });
  const handler = consumerHandler({
    apply: async () => {},
    refusedEvents,
    close: async () => {},
    log: recordingLog(),
  });
  const records = [{ topic: 'events', partition: 3, offset: 7, value: value?.toString('base64') ?? null }];
  const batch = { eventSource: 'aws:kafka', records: { 'events-3': records } };
  const context = { awsRequestId: 'r', getRemainingTimeInMillis: () => 30_000 };
  const response = await (handler as unknown as (event: object, context: object) => Promise<unknown>)(
    batch,
    context,
  );
  const [message] = cloud.server.inspectQueue(cloud.queueName)?.messages.ready ?? [];
  const attributes = Object.fromEntries(
    Object.entries(message?.messageAttributes ?? {}).map(([name, { StringValue }]) => [name, StringValue]),
  );
  return { response, body: message?.body ?? '', attributes };
}

it.each([
  ['text', Buffer.from('hello 🦭'), 'hello 🦭'],
  ['a tombstone', null, '(empty)'],
])('%s is parked as it came, and says where the topic has it', async (_, value, text) => {
  const { response, body, attributes } = await parked(value);
  expect(response).toEqual({ batchItemFailures: [] });
  expect(body).toBe(text);
  expect(attributes).toEqual({ Consumer: 'audit', Code: 'not_an_event', Partition: 'events-3', Offset: '7' });
});

it.each([
  ['Avro', avro],
  ['text that is no UTF-8', latin],
  ['text with control characters', control],
  ['400 kB of binary', binary],
])('%s is parked in base64, to the last byte', async (_, value) => {
  const { response, body, attributes } = await parked(value);
  expect(response).toEqual({ batchItemFailures: [] });
  expect(Buffer.from(body, 'base64')).toEqual(value);
  expect(attributes).toMatchObject({ Encoding: 'base64', Offset: '7' });
  expect(attributes).not.toHaveProperty('CutFromBytes');
});

it.each([
  ['text', Buffer.alloc(1_200_000, 0x41)],
  ['binary', Buffer.alloc(1_200_000, 0xff)],
])('%s that no message holds is parked as its beginning, with its size', async (_, value) => {
  const { response, body, attributes } = await parked(value);
  expect(response).toEqual({ batchItemFailures: [] });
  expect(body.length).toBeLessThan(largest);
  expect(Buffer.from(body, 'base64')).toEqual(value.subarray(0, 750_000));
  expect(attributes).toMatchObject({ Encoding: 'base64', CutFromBytes: '1200000' });
});

it('text of 900 kB is parked as text', async () => {
  const { body, attributes } = await parked(huge);
  expect(body).toBe(huge.toString());
  expect(attributes).not.toHaveProperty('Encoding');
});

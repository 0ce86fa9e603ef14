import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openQueue, type Queue } from '../../../lambda/aws/queue.ts';
import { queueClient } from '../../../lambda/aws/queue-client.ts';
import { parseJob } from '../../../lambda/domain/job.ts';
import { enqueue, JobsUnsent } from '../../../lambda/enqueue/enqueue.ts';
import type { Log } from '../../../lambda/runtime/logger.ts';
import { type Cloud, startCloud } from '../aws/cloud.ts';

let cloud: Cloud;
let client: SQSClient;
let queue: Queue;
beforeAll(async () => {
  cloud = await startCloud();
  client = queueClient();
  queue = openQueue({ queueUrl: cloud.queueUrl, client });
});
afterAll(async () => {
  client.destroy();
  await cloud.stop();
});

let lines: string[] = [];
const write = (message: string) => lines.push(message);
const log: Log = { debug: write, info: write, warn: write, error: write, remember() {}, forget() {} };
beforeEach(() => {
  lines = [];
  cloud.server.reset();
});

const sent = () =>
  (cloud.server.inspectQueue(cloud.queueName)?.messages.ready ?? []).map(({ body }) => parseJob(body));
/** A record as S3 sends it, cut to what varies. */
const record = (key: string, eventName = 'ObjectCreated:Post') => ({
  eventVersion: '2.1',
  eventSource: 'aws:s3',
  awsRegion: 'eu-central-1',
  eventTime: '2030-01-01T00:00:00.000Z',
  eventName,
  userIdentity: { principalId: 'AWS:X' },
  s3: {
    s3SchemaVersion: '1.0',
    configurationId: 'uploads',
    bucket: { name: 'pictures', arn: 'arn:aws:s3:::pictures' },
    object: { key, size: 1024, eTag: 'd41d8cd98f00b204e9800998ecf8427e', sequencer: '0055AED6DCD90281E5' },
  },
});
const run = (event: unknown) => enqueue(event, { queue, log });

it.each([
  'ObjectCreated:Post',
  'ObjectCreated:Put',
  'ObjectCreated:CompleteMultipartUpload',
  's3:ObjectCreated:Copy',
])('an original uploaded by %s becomes a job of its tenant', async (eventName) => {
  const imageId = uuidv7();
  await run({ Records: [record(`incoming/acme-1/${imageId}`, eventName)] });
  expect(sent()).toEqual([{ v: 1, tenant: 'acme-1', imageId }]);
});

it('an encoded key is decoded', async () => {
  const imageId = uuidv7();
  await run({ Records: [record(`incoming%2Facme%2F${imageId}`)] });
  expect(sent()).toMatchObject([{ tenant: 'acme', imageId }]);
});

it('an image that an event names twice is sent once', async () => {
  const key = `incoming/acme/${uuidv7()}`;
  await run({ Records: [record(key), record(key)] });
  expect(sent()).toHaveLength(1);
});

describe('a record that is ignored and does not keep the others from being sent', () => {
  const imageId = uuidv7();
  it.each([
    ['a foreign prefix', record(`derived/acme/${imageId}`)],
    ['a key too deep', record(`incoming/acme/${imageId}/more`)],
    ['an id that is none', record('incoming/acme/holiday+photo.jpg')],
    ['a tenant that is none', record(`incoming/ACME/${imageId}`)],
    ['a key with broken encoding', record('incoming/acme/%E0%A4%A')],
    ['a removal', record(`incoming/acme/${imageId}`, 'ObjectRemoved:Delete')],
    ['a record without an object', { eventName: 'ObjectCreated:Put' }],
    ['null', null],
  ])('a record is acknowledged and logged, and the others are sent: %s', async (_, odd) => {
    const good = uuidv7();
    await run({ Records: [odd, record(`incoming/acme/${good}`)] });
    expect(sent()).toEqual([{ v: 1, tenant: 'acme', imageId: good }]);
    expect(lines[0]).toMatch(/^Ignored /);
  });
});

describe('an event that is ignored', () => {
  it.each([
    [
      'the test event of S3',
      { Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'pictures' },
      'Ignored test event',
    ],
    ['an event of something else', { source: 'aws.events' }, 'Ignored not an event of S3'],
    ['a text', 'hello', 'Ignored not an event of S3'],
    ['nothing', null, 'Ignored not an event of S3'],
    ['no records', { Records: [] }, undefined],
  ])('an event is acknowledged and logged: %s', async (_, event, line) => {
    await run(event);
    expect(lines[0]).toBe(line);
    expect(sent()).toEqual([]);
  });
});

it('enqueue throws if only some jobs were accepted, so that Lambda delivers the event again', async () => {
  const failed = { Id: '1', Code: 'InternalError', SenderFault: false };
  const mocked = mockClient(client)
    .on(SendMessageBatchCommand)
    .resolves({ Successful: [], Failed: [failed] });
  const event = { Records: [record(`incoming/a/${uuidv7()}`), record(`incoming/a/${uuidv7()}`)] };
  await expect(run(event)).rejects.toThrow(JobsUnsent);
  mocked.restore();
});

it('enqueue throws if SQS is unavailable', async () => {
  const { SQSClient: Client } = await import('@aws-sdk/client-sqs');
  const away = openQueue({
    queueUrl: cloud.queueUrl,
    client: new Client({ endpoint: 'http://127.0.0.1:1', maxAttempts: 1 }),
  });
  const event = { Records: [record(`incoming/a/${uuidv7()}`)] };
  await expect(enqueue(event, { queue: away, log })).rejects.toThrow('1 of 1 jobs were not sent');
});

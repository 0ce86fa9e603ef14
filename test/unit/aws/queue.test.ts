import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { openQueue, type Queue } from '../../../lambda/aws/queue.ts';
import { queueClient } from '../../../lambda/aws/queue-client.ts';
import { parseJob } from '../../../lambda/domain/job.ts';
import { type Cloud, startCloud } from './cloud.ts';
import { scripted } from './scripted.ts';

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
beforeEach(() => cloud.server.reset());

const jobs = (count: number) => Array.from({ length: count }, () => ({ tenant: 'acme', imageId: uuidv7() }));
const ready = () => cloud.server.inspectQueue(cloud.queueName)?.messages.ready ?? [];

it('every job is sent once, more than ten too, in the message group of its tenant', async () => {
  const sent = jobs(23);
  // fauxqs keeps no MessageGroupId of a standard queue, so it is seen on its way there.
  const groups: (string | undefined)[] = [];
  client.middlewareStack.add(
    (next) => (args) => {
      const { Entries = [] } = args.input as { Entries?: { MessageGroupId?: string }[] };
      groups.push(...Entries.map(({ MessageGroupId }) => MessageGroupId));
      return next(args);
    },
    { step: 'initialize', name: 'seeGroups' },
  );
  expect(await queue.sendJobs(sent)).toEqual([]);
  expect(ready().map(({ body }) => parseJob(body)?.imageId)).toEqual(sent.map(({ imageId }) => imageId));
  client.middlewareStack.remove('seeGroups');
  expect(groups).toEqual(Array(23).fill('acme'));
});

it('jobs are sent to the endpoint of the environment, not to the host of the queue URL', async () => {
  const elsewhere = openQueue({ queueUrl: 'https://sqs.example.invalid/000000000000/ImageJobs', client });
  // No name server knows that host: an answer of any kind comes from the endpoint.
  expect(await elsewhere.sendJobs(jobs(1))).toMatchObject([{ reason: 'QueueDoesNotExist' }]);
});

it('rejected jobs are returned with the reason', async () => {
  const [first, second, third] = jobs(3);
  if (!first || !second || !third) throw new Error('three jobs');
  const mocked = mockClient(client)
    .on(SendMessageBatchCommand)
    .resolves({
      Successful: [],
      Failed: [{ Id: '1', Code: 'InternalError', Message: 'try again', SenderFault: false }],
    });
  expect(await queue.sendJobs([first, second, third])).toEqual([
    { imageId: second.imageId, reason: 'try again' },
  ]);
  mocked.restore();
});

it('a batch that could not be sent returns all its jobs, and the other batches are sent', async () => {
  const all = jobs(12);
  const mocked = mockClient(client)
    .on(SendMessageBatchCommand)
    .rejectsOnce(Object.assign(new Error('gone'), { name: 'QueueDoesNotExist' }))
    .resolves({ Successful: [], Failed: [] });
  const unsent = await queue.sendJobs(all);
  expect(unsent.map(({ imageId }) => imageId)).toEqual(all.slice(0, 10).map(({ imageId }) => imageId));
  expect(unsent[0]?.reason).toBe('QueueDoesNotExist');
  expect(mocked.commandCalls(SendMessageBatchCommand)).toHaveLength(2);
  mocked.restore();
});

it('a visibility of 0 makes a message visible at once', async () => {
  await queue.sendJobs(jobs(1));
  const receive = async () => {
    const { ReceiveMessageCommand } = await import('@aws-sdk/client-sqs');
    const { Messages } = await client.send(new ReceiveMessageCommand({ QueueUrl: cloud.queueUrl }));
    return Messages?.[0]?.ReceiptHandle;
  };
  const handle = await receive();
  expect(handle).toBeDefined();
  expect(await receive()).toBeUndefined();
  await queue.changeVisibility(handle ?? '', 0);
  expect(await receive()).toBeDefined();
});

it('the depth of the queue counts waiting, in-flight and delayed messages', async () => {
  await queue.sendJobs(jobs(3));
  const { ReceiveMessageCommand, SendMessageCommand } = await import('@aws-sdk/client-sqs');
  const message = { QueueUrl: cloud.queueUrl, MessageBody: 'later', DelaySeconds: 60 };
  await client.send(new SendMessageCommand(message));
  await client.send(new ReceiveMessageCommand({ QueueUrl: cloud.queueUrl }));
  expect(await queue.queueDepth()).toBe(4);
});

it('a fault of SQS becomes a transient failure', async () => {
  await expect(queue.changeVisibility('no receipt', 1)).rejects.toMatchObject({ code: 'internal' });
  const nowhere = openQueue({ queueUrl: `${cloud.queueUrl}Missing`, client });
  await expect(nowhere.queueDepth()).rejects.toMatchObject({ code: 'internal' });
});

it('a message that SQS received damaged is not sent', async () => {
  const [job] = jobs(1);
  if (!job) throw new Error('a job');
  const { endpoint, requests } = await scripted(() => ({
    body: JSON.stringify({ Successful: [{ Id: '0', MessageId: 'm', MD5OfMessageBody: '0'.repeat(32) }] }),
  }));
  vi.stubEnv('AWS_ENDPOINT_URL', endpoint);
  vi.stubEnv('AWS_ENDPOINT_URL_SQS', endpoint);
  const damaging = queueClient();
  onTestFinished(() => {
    damaging.destroy();
    vi.unstubAllEnvs();
  });
  const { sendJobs } = openQueue({ queueUrl: cloud.queueUrl, client: damaging });
  expect(await sendJobs([job])).toEqual([{ imageId: job.imageId, reason: 'Error' }]);
  expect(requests.map(({ headers }) => headers['x-amz-target'])).toEqual(['AmazonSQS.SendMessageBatch']);
});

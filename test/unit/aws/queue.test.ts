import { ChangeMessageVisibilityCommand, SQSClient as Client, type SQSClient } from '@aws-sdk/client-sqs';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { openQueue, type Queue } from '../../../lambda/aws/queue.ts';
import { queueClient } from '../../../lambda/aws/queue-client.ts';
import { parseJob } from '../../../lambda/domain/job.ts';
import { type Cloud, startCloud } from './cloud.ts';
import { type Script, type ScriptedRequest, scripted } from './scripted.ts';
import { sdkQueue } from './sdk-queue.ts';

let cloud: Cloud;
let client: SQSClient;
let queue: Queue;
beforeAll(async () => {
  cloud = await startCloud();
  client = sdkQueue();
  queue = openQueue({ queueUrl: cloud.queueUrl });
});
afterAll(async () => {
  client.destroy();
  await cloud.stop();
});
beforeEach(() => cloud.server.reset());

const jobs = (count: number) => Array.from({ length: count }, () => ({ tenant: 'acme', imageId: uuidv7() }));
/** A queue whose SQS responds as a test wants. */
async function scriptedQueue(respond: (request: ScriptedRequest, count: number) => Script) {
  const { endpoint, requests } = await scripted(respond);
  return { queue: openQueue({ queueUrl: cloud.queueUrl, client: queueClient({ endpoint }) }), requests };
}
const ready = () => cloud.server.inspectQueue(cloud.queueName)?.messages.ready ?? [];

it('every job is sent once, more than ten too, in the message group of its tenant', async () => {
  const sent = jobs(23);
  // fauxqs keeps no MessageGroupId of a standard queue, so it is seen on its way there.
  const groups: (string | undefined)[] = [];
  const ours = queueClient();
  const seen = openQueue({
    queueUrl: cloud.queueUrl,
    client: {
      ...ours,
      send: (request, signal) => {
        const { Entries = [] } = request.input as { Entries?: { MessageGroupId?: string }[] };
        groups.push(...Entries.map(({ MessageGroupId }) => MessageGroupId));
        return ours.send(request, signal);
      },
    },
  });
  expect(await seen.sendJobs(sent)).toEqual([]);
  expect(ready().map(({ body }) => parseJob(body)?.imageId)).toEqual(sent.map(({ imageId }) => imageId));
  expect(groups).toEqual(Array(23).fill('acme'));
});

it('jobs are sent to the endpoint of the environment, not to the host of the queue URL', async () => {
  const elsewhere = openQueue({ queueUrl: 'https://sqs.example.invalid/000000000000/ImageJobs' });
  // No name server knows that host: an answer of any kind comes from the endpoint.
  expect(await elsewhere.sendJobs(jobs(1))).toMatchObject([{ reason: 'QueueDoesNotExist' }]);
});

it('rejected jobs are returned with the reason', async () => {
  const [first, second, third] = jobs(3);
  if (!first || !second || !third) throw new Error('three jobs');
  const { queue: rejecting } = await scriptedQueue(() => ({
    body: JSON.stringify({
      Successful: [],
      Failed: [{ Id: '1', Code: 'InternalError', Message: 'try again', SenderFault: false }],
    }),
  }));
  expect(await rejecting.sendJobs([first, second, third])).toEqual([
    { imageId: second.imageId, reason: 'try again' },
  ]);
});

it('a batch that could not be sent returns all its jobs, and the other batches are sent', async () => {
  const all = jobs(12);
  const { queue: flaky, requests } = await scriptedQueue((_, count) =>
    count === 1
      ? { status: 400, body: '{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"gone"}' }
      : { body: '{"Successful":[],"Failed":[]}' },
  );
  const unsent = await flaky.sendJobs(all);
  expect(unsent.map(({ imageId }) => imageId)).toEqual(all.slice(0, 10).map(({ imageId }) => imageId));
  expect(unsent[0]?.reason).toBe('QueueDoesNotExist');
  expect(requests.map(({ headers }) => headers['x-amz-target'])).toEqual([
    'AmazonSQS.SendMessageBatch',
    'AmazonSQS.SendMessageBatch',
  ]);
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
  const nowhere = openQueue({ queueUrl: `${cloud.queueUrl}Missing` });
  await expect(nowhere.queueDepth()).rejects.toMatchObject({ code: 'internal' });
});

it('a message that SQS received damaged is not sent', async () => {
  const [job] = jobs(1);
  if (!job) throw new Error('a job');
  const { queue: damaging } = await scriptedQueue(() => ({
    body: JSON.stringify({ Successful: [{ Id: '0', MessageId: 'm', MD5OfMessageBody: '0'.repeat(32) }] }),
  }));
  expect(await damaging.sendJobs([job])).toEqual([{ imageId: job.imageId, reason: 'Error' }]);
});

it.each([
  ['QueueDoesNotExist', 400, '{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"x"}'],
  ['RequestThrottled', 400, '{"__type":"com.amazonaws.sqs#RequestThrottled","message":"x"}'],
  ['AccessDeniedException', 403, '{"__type":"AccessDeniedException","Message":"x"}'],
  ['InternalFailure', 500, '{"__type":"InternalFailure"}'],
  ['ThrottlingException', 400, '{"__type":"ThrottlingException"}'],
  ['nothing', 503, ''],
])('%s has the name, status and number of tries that it has by the SDK', async (_, status, body) => {
  vi.spyOn(Math, 'random').mockReturnValue(0);
  onTestFinished(() => void vi.restoreAllMocks());
  const seen = [];
  for (const which of ['sdk', 'ours'] as const) {
    const { endpoint, requests } = await scripted(() => ({ status, body }));
    const QueueUrl = `${endpoint}/000000000000/ImageJobs`;
    const sdk = new Client({ endpoint, useQueueUrlAsEndpoint: false });
    const call =
      which === 'sdk'
        ? sdk.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: 'r', VisibilityTimeout: 1 }))
        : queueClient({ endpoint }).send({
            operation: 'ChangeMessageVisibility',
            queueUrl: QueueUrl,
            input: { ReceiptHandle: 'r', VisibilityTimeout: 1 },
          });
    const fault = await call.then(
      () => undefined,
      (error: unknown) => error as Error & { $metadata: { httpStatusCode: number } },
    );
    sdk.destroy();
    const [first] = requests;
    seen.push({
      name: fault?.name,
      status: fault?.$metadata.httpStatusCode,
      tries: requests.length,
      target: first?.headers['x-amz-target'],
      type: first?.headers['content-type'],
      // Without the host, which is each server's own.
      sent: JSON.parse(String(first?.body).replaceAll(endpoint, '')),
    });
  }
  expect(seen[1]).toEqual(seen[0]);
});

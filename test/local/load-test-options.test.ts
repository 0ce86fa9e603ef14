import { join } from 'node:path';
import { ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { expect, onTestFinished, test } from 'vitest';
import { functionSpecifications } from '../../lib/bundling/specifications.ts';
import { catalogue } from '../../lib/catalogue/catalogue.ts';
import { eachInnerQueue } from '../../lib/catalogue/inner-queues.ts';
import { eachFunction } from '../../lib/catalogue/select.ts';
import type { FunctionDefinition } from '../../local/lambda/definition.ts';
import { eventSource } from '../../local/parts/event-source.ts';
import { functionCode, functionHost } from '../../local/parts/function-host.ts';
import { functions } from '../../local/parts/functions.ts';
import { home, log, secrets } from '../../local/parts/home.ts';
import { postgres } from '../../local/parts/postgres.ts';
import { processes } from '../../local/parts/processes.ts';
import { queues, sqs } from '../../local/parts/queues.ts';
import { bucketName, storage } from '../../local/parts/storage.ts';
import { uploadEvents } from '../../local/parts/upload-events.ts';
import type { LoadTestOptions } from '../../local/pipeline-options.ts';
import { ProcessRegistry } from '../../local/processes/registry.ts';
import { ensureQueue, type ReceivedMessage } from '../../local/queues/sqs.ts';
import { testConfig } from '../support/pipeline.ts';
import { partContext } from './part-context.ts';
import { eventually, temporaryFolder } from './test-host.ts';

const config = testConfig();

async function startStorage(options: LoadTestOptions) {
  const folder = temporaryFolder();
  const at = (name: string) => join(folder, name);
  const events: unknown[] = [];
  const credentials = { accessKeyId: 'KEY', secretAccessKey: 'secret' };
  const folders = { objects: at('objects'), spool: at('spool'), ports: at('ports') };
  const s3 = await storage.start(
    partContext(
      options,
      [home, folders],
      [secrets, credentials],
      [log, () => undefined],
      [uploadEvents, { add: async (event: unknown) => void events.push(event) }],
    ),
  );
  onTestFinished(() => s3.close());
  const client = new S3Client({
    endpoint: s3.endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials,
  });
  const post = async (Key: string) => {
    const { url, fields } = await createPresignedPost(client, { Bucket: bucketName, Key });
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append('file', new Blob(['bytes']));
    return fetch(url, { method: 'POST', body: form });
  };
  return { client, events, post };
}

test('S3 fails and recovers, and delays the requests that the test chooses', async () => {
  const asked: object[] = [];
  const storageFaults = {
    failing: true,
    waitMs: (request: { method: string; key: string }) => {
      asked.push(request);
      return request.key.startsWith('incoming/') ? 100 : 0;
    },
  };
  const { client, post, events } = await startStorage({ storageFaults });
  const refused = await post('incoming/a');
  expect([refused.status, await refused.text()]).toEqual([
    503,
    expect.stringContaining('<Code>SlowDown</Code>'),
  ]);
  expect(events).toEqual([]);
  storageFaults.failing = false;
  const before = performance.now();
  await client.send(new ListObjectsV2Command({ Bucket: bucketName, Prefix: 'incoming/' }));
  expect(performance.now() - before).toBeGreaterThan(95);
  await client.send(new PutObjectCommand({ Bucket: bucketName, Key: 'derived/a', Body: 'a' }));
  expect(asked).toEqual([
    { method: 'POST', key: '' },
    { method: 'GET', key: 'incoming/' },
    { method: 'PUT', key: 'derived/a' },
  ]);
});

test('the events that the test chooses are delivered twice', async () => {
  const twice = [true, false];
  const { post, events } = await startStorage({ duplicateEvents: () => twice.shift() ?? false });
  await post('incoming/a');
  await post('incoming/b');
  const keys = events.map((event) => JSON.stringify(event).match(/incoming\/\w/)?.[0]);
  expect(keys).toEqual(['incoming/a', 'incoming/a', 'incoming/b']);
});

const message = (count: number): ReceivedMessage => ({
  MessageId: `m${count}`,
  ReceiptHandle: '',
  Body: '',
  MD5OfBody: '',
  Attributes: { ApproximateReceiveCount: String(count) },
});

test('the mapping reaches the given number of simultaneous invocations, and counts the receives', async () => {
  let invocations = 0;
  const { promise: end, resolve } = Promise.withResolvers<void>();
  const jobs = { receive: async () => [message(1), message(2)], delete: async () => undefined };
  const invoke = async () => {
    invocations += 1;
    await end;
    return { ok: true, requestId: '', payload: '' };
  };
  const mappingConcurrency = config.process.maxConcurrency + 7;
  const mapping = await eventSource.start(
    partContext(
      { mappingConcurrency },
      [queues, { jobs }],
      [functionHost, { invoke }],
      [log, () => undefined],
    ),
  );
  await eventually(() => invocations === mappingConcurrency, 'the invocations');
  expect(mapping.pollers).toBe(mappingConcurrency);
  expect(mapping.receiveCounts).toEqual({ 1: mappingConcurrency, 2: mappingConcurrency });
  const stopped = mapping.stop();
  resolve();
  await stopped;
});

test('with it the function of the jobs has no reserved concurrency', async () => {
  const specifications = functionSpecifications(config);
  const code = eachFunction(catalogue, (name) => ({ folder: '', specification: specifications[name] }));
  const caps = async (options: LoadTestOptions) => {
    const found: Record<string, number | undefined> = {};
    const host = {
      add({ name, maxConcurrency }: FunctionDefinition) {
        found[name] = maxConcurrency;
      },
    };
    const running = { url: '', endpoint: '' };
    await functions.start(
      partContext(
        options,
        [functionHost, host],
        [functionCode, code],
        [queues, { jobs: running, deadLetters: running, inner: eachInnerQueue(() => running) }],
        [secrets, {}],
        ...[postgres, storage, sqs].map((part) => [part, running] as const),
      ),
    );
    return found;
  };
  const configured = await caps({});
  expect(configured.process).toBe(config.process.maxConcurrency);
  expect(await caps({ mappingConcurrency: 99 })).toEqual({ ...configured, process: undefined });
});

test('without fair delivery a tenant whose messages came first has the next one, too', async () => {
  const folder = temporaryFolder();
  const folders = { queues: join(folder, 'queues'), logs: join(folder, 'logs') };
  const registry = new ProcessRegistry(join(folder, 'run'), folder);
  const { endpoint, stop } = await sqs.start(
    partContext({ fairDelivery: false }, [home, folders], [processes, registry]),
  );
  onTestFinished(stop);
  const queue = await ensureQueue(endpoint, 'jobs', { VisibilityTimeout: '600' });
  for (let n = 0; n < 40; n += 1) await queue.send('loud', 'loud');
  for (let inFlight = 0; inFlight < 30; ) inFlight += (await queue.receive(10, 1)).length;
  await queue.send('quiet', 'quiet');
  expect(await queue.receive(1, 1)).toMatchObject([{ Body: 'loud' }]);
});

test('the functions are built from the given project', async () => {
  const sources = temporaryFolder();
  const built = functionCode.start(partContext({ sources }, [home, { functions: join(sources, 'built') }]));
  await expect(built).rejects.toThrow(sources);
});

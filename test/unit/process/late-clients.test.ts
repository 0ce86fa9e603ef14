import { createHash } from 'node:crypto';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { queueClient } from '../../../lambda/aws/queue-client.ts';
import { lateBucket, lateDeadLetters, lateQueue } from '../../../lambda/process/late-clients.ts';
import { type Cloud, startCloud } from '../aws/cloud.ts';
import { sdkStorage } from '../aws/sdk-storage.ts';

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.stop());

it('a queue that is loaded late hides messages, several concurrently too', async () => {
  const client = queueClient();
  const QueueUrl = cloud.queueUrl;
  for (const MessageBody of ['one', 'two'])
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  const receive = async () =>
    (await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))).Messages ?? [];
  const received = await receive();
  expect(received).toHaveLength(2);
  expect(await receive()).toEqual([]);
  const queue = lateQueue(QueueUrl);
  await Promise.all(received.map(({ ReceiptHandle = '' }) => queue.changeVisibility(ReceiptHandle, 0)));
  expect((await receive()).map(({ Body }) => Body).sort()).toEqual(['one', 'two']);
  client.destroy();
});

it('a dead-letter queue that is loaded late accepts letters', async () => {
  const letter = { body: 'what', reason: 'not_a_job', attempts: 0, lastError: '' };
  const queue = lateDeadLetters(cloud.deadLettersUrl);
  expect(await queue.sendLetters([letter, { ...letter, tenant: 'acme' }])).toEqual([
    { sent: true },
    { sent: true },
  ]);
});

it('a bucket that is loaded late can be used at once', async () => {
  const client = sdkStorage();
  const bytes = Buffer.from('picture');
  const Key = 'incoming/acme/1';
  await client.send(new PutObjectCommand({ Bucket: cloud.bucketName, Key, Body: bytes }));
  const bucket = lateBucket(cloud.bucketName);
  const [first, original] = await Promise.all([
    bucket.findFirstUpload(Key),
    bucket.getOriginal({ key: Key }, 100),
  ]);
  expect(first).toMatchObject({ bytes: 7, later: [] });
  expect(original).toEqual(bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  await bucket.putVariant({ key: 'derived/acme/1/small.webp', bytes, contentType: 'image/webp', sha256 });
  expect(await bucket.getOriginal({ key: 'derived/acme/1/small.webp' }, 100)).toEqual(bytes);
  client.destroy();
});

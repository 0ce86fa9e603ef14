import { createHash } from 'node:crypto';
import { getEventListeners } from 'node:events';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { openBucket } from '../../../lambda/aws/bucket.ts';
import { type Cloud, startCloud } from './cloud.ts';
import { scripted } from './scripted.ts';

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.stop());

const head = { operation: 'HeadObject', bucketName: 'pictures', key: 'k' } as const;

it('a call whose invocation is over already does not succeed', async () => {
  const { client } = await scripted(() => ({}));
  await expect(client.send(head, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
});

it('calls leave nothing at the signal of their invocation', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0);
  const { client } = await scripted((_, count) => (count % 2 === 1 ? { status: 503 } : {}));
  const { signal } = new AbortController();
  for (let n = 0; n < 3; n += 1) await client.send(head, signal);
  // The last response may end after its call.
  await expect.poll(() => getEventListeners(signal, 'abort')).toEqual([]);
  vi.restoreAllMocks();
});

it('a body that breaks in the middle is asked for again', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0);
  const { client, requests } = await scripted((_, count) =>
    count === 1 ? { body: 'some', headers: { 'content-length': '1000' }, cut: true } : { body: 'all of it' },
  );
  const { body } = await client.send({ ...head, operation: 'GetObject' });
  expect([String(body), requests.length]).toEqual(['all of it', 2]);
  const always = await scripted(() => ({ body: 'some', headers: { 'content-length': '1000' }, cut: true }), {
    maxAttempts: 2,
  });
  const ended = always.client.send({ ...head, operation: 'GetObject' });
  await expect(ended).rejects.toMatchObject({ name: 'TimeoutError' });
  vi.restoreAllMocks();
});

it('a key of any characters is signed as S3 reads it', async () => {
  const bucket = openBucket({ bucketName: cloud.bucketName });
  const key = "incoming/t/a b/ü😀/(x)*!'~+=&?#%25.jpg";
  const bytes = Buffer.from('something');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  await bucket.putOriginal({ key, bytes, contentType: 'image/png', sha256 });
  expect(await bucket.getOriginal({ key }, 100)).toEqual(bytes);
  expect(await bucket.findFirstUpload(key)).toMatchObject({ bytes: bytes.length });
});

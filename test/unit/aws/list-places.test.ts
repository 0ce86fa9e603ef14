import {
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Bucket, openBucket } from '../../../lambda/aws/bucket.ts';
import {
  type StorageClient,
  type StorageRequest,
  storageClient,
} from '../../../lambda/aws/storage-client.ts';
import { type Cloud, startCloud } from './cloud.ts';
import { sdkStorage } from './sdk-storage.ts';

type Sent = ReturnType<StorageClient['send']>;

/** A client whose calls go through `change`. */
function changed(
  client: StorageClient,
  change: (request: StorageRequest, next: () => Sent) => Sent,
): StorageClient {
  return {
    ...client,
    send: (request, signal) => change(request, () => client.send(request, signal)),
  };
}

let cloud: Cloud;
let client: S3Client;
let bucket: Bucket;
let lists: number;
beforeAll(async () => {
  cloud = await startCloud();
  client = sdkStorage();
  const counting = changed(storageClient(), ({ operation }, next) => {
    if (operation === 'ListObjectVersions') lists += 1;
    return next();
  });
  bucket = openBucket({ bucketName: cloud.bucketName, client: counting });
});
beforeEach(() => {
  lists = 0;
});
afterAll(async () => {
  client.destroy();
  await cloud.stop();
});

const put = (Key: string) =>
  client.send(new PutObjectCommand({ Bucket: cloud.bucketName, Key, Body: 'something' }));
const id = (n: number) => String(n).padStart(6, '0');

describe('many places at once', () => {
  it('neighbouring places are found in few calls, and objects between them are not', async () => {
    const keys = Array.from({ length: 120 }, (_, n) => `incoming/side/${id(n)}`);
    const there = keys.filter((_, n) => n % 3 === 0);
    for (const key of there) await put(key);
    for (let n = 0; n < 40; n += 1) await put(`incoming/side/${id(n)}-beside`);
    lists = 0;
    expect(await bucket.findUploaded(keys.toReversed())).toEqual(new Set(there));
    expect(lists).toBe(1);
  });

  it('places far apart are found by skipping the gap between them', async () => {
    for (let n = 0; n < 100; n += 1) await put(`incoming/wide/${id(n)}`);
    const keys = [`incoming/wide/${id(3)}`, `incoming/wide/${id(50)}`, `incoming/wide/${id(999)}`];
    lists = 0;
    expect(await bucket.findUploaded(keys)).toEqual(new Set(keys.slice(0, 2)));
    expect(lists).toBeLessThanOrEqual(3);
  });

  it('all versions at a place are listed, even if a page ends in the middle of them', async () => {
    const [key, neighbour] = ['incoming/deep/one', 'incoming/deep/two'];
    // More versions than a page for two places has.
    for (let n = 0; n < 60; n += 1) await put(key);
    await put(neighbour);
    expect(await bucket.deleteAt([key])).toEqual({ empty: new Set([key]) });
    expect(lists).toBeGreaterThan(1);
    expect(await bucket.findFirstUpload(key)).toBeUndefined();
    expect(await bucket.findUploaded([key, neighbour])).toEqual(new Set([neighbour]));
  });

  it('delete markers are no uploads, and are removed with the versions under them', async () => {
    const Key = 'incoming/marked/one';
    await put(Key);
    await client.send(new DeleteObjectCommand({ Bucket: cloud.bucketName, Key }));
    const listed = () =>
      client.send(new ListObjectVersionsCommand({ Bucket: cloud.bucketName, Prefix: 'incoming/marked/' }));
    expect((await listed()).DeleteMarkers).toHaveLength(1);
    expect(await bucket.deleteAt([Key])).toEqual({ empty: new Set([Key]) });
    const { DeleteMarkers = [], Versions = [] } = await listed();
    expect([...DeleteMarkers, ...Versions]).toEqual([]);
    await put(Key);
    const { VersionId } = (await listed()).Versions?.[0] ?? {};
    await client.send(new DeleteObjectCommand({ Bucket: cloud.bucketName, Key }));
    await bucket.deleteVersion(Key, VersionId ?? '');
    expect(await bucket.findUploaded([Key])).toEqual(new Set());
    expect(await bucket.findFirstUpload(Key)).toBeUndefined();
  });

  it('a listing ends even if a neighbouring key has more versions than a page', async () => {
    for (let n = 0; n < 60; n += 1) await put('incoming/near/aa');
    await put('incoming/near/ab');
    expect(await bucket.findUploaded(['incoming/near/ab'])).toEqual(new Set(['incoming/near/ab']));
  });

  it('places where S3 kept an object are told apart from those that are empty', async () => {
    const places = ['derived/t/1/', 'derived/t/2/', 'derived/t/3/'];
    for (const place of places) await put(`${place}a`);
    const refusal =
      '<DeleteResult><Error><Key>derived/t/2/a</Key><Code>InternalError</Code></Error></DeleteResult>';
    const stubborn = changed(storageClient(), async ({ operation }, next) =>
      operation === 'DeleteObjects' ? { headers: {}, body: Buffer.from(refusal) } : next(),
    );
    const kept = openBucket({ bucketName: cloud.bucketName, client: stubborn });
    expect(await kept.deleteAt(places)).toMatchObject({
      empty: new Set(['derived/t/1/', 'derived/t/3/']),
      error: {
        code: 'storage_unavailable',
        message: 'storage_unavailable: DELETE objects: one kept, InternalError',
      },
    });
    stubborn.destroy();
  });

  it('an outage during removal keeps the result of what S3 had done', async () => {
    const places = Array.from({ length: 3 }, (_, n) => `derived/away/${n}/`);
    for (const place of places) for (let n = 0; n < 20; n += 1) await put(`${place}${n}`);
    let calls = 0;
    const failing = changed(storageClient({ maxAttempts: 1 }), ({ operation }, next) => {
      if (operation === 'ListObjectVersions') calls += 1;
      return calls > 1 ? Promise.reject(new Error('away')) : next();
    });
    const away = openBucket({ bucketName: cloud.bucketName, client: failing });
    // The first page is 26 long: one place is through with it, and a bit of the second.
    expect(await away.deleteAt(places)).toMatchObject({
      empty: new Set(places.slice(0, 1)),
      error: { code: 'storage_unavailable' },
    });
    failing.destroy();
  });
});

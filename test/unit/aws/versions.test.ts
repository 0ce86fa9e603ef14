import { createHash } from 'node:crypto';
import { ListObjectVersionsCommand, type S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Bucket, openBucket } from '../../../lambda/aws/bucket.ts';
import { storageClient } from '../../../lambda/aws/storage-client.ts';
import { type Cloud, startCloud } from './cloud.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const bytes = Buffer.from('not really a picture');

let cloud: Cloud;
let client: S3Client;
let bucket: Bucket;
beforeAll(async () => {
  cloud = await startCloud();
  client = storageClient();
  bucket = openBucket({ bucketName: cloud.bucketName, client });
});
afterAll(async () => {
  client.destroy();
  await cloud.stop();
});

describe('uploads under one key', () => {
  const key = 'incoming/t/ticket';
  const upload = (text: string) =>
    bucket.putOriginal({
      key,
      bytes: Buffer.from(text),
      contentType: 'image/png',
      sha256: sha256(Buffer.from(text)),
    });

  it('the first of several uploads under a key is found and read, whatever comes later', async () => {
    const [first, second, third] = [
      await upload('first'),
      await upload('the second'),
      await upload('the third'),
    ];
    expect(await bucket.findFirstUpload(key)).toEqual({ version: first, bytes: 5, later: [third, second] });
    expect(String(await bucket.getOriginal({ key, version: first }, 100))).toBe('first');
    expect(String(await bucket.getOriginal({ key }, 100))).toBe('the third');
    await bucket.deleteVersion(key, third ?? '');
    expect(String(await bucket.getOriginal({ key }, 100))).toBe('the second');
    expect(await bucket.findFirstUpload(key)).toMatchObject({ version: first, later: [second] });
  });

  it('the first upload is found on the last of several pages', async () => {
    const page = (first: number) => ({
      Versions: [0, 1].map((n) => ({ Key: key, VersionId: `v${first - n}`, Size: first - n })),
      IsTruncated: first > 2,
      ...(first > 2 ? { NextKeyMarker: key, NextVersionIdMarker: `v${first - 1}` } : {}),
    });
    const mocked = mockClient(client);
    onTestFinished(() => mocked.restore());
    mocked.on(ListObjectVersionsCommand).resolves(page(6));
    mocked.on(ListObjectVersionsCommand, { VersionIdMarker: 'v5' }).resolves(page(4));
    mocked.on(ListObjectVersionsCommand, { VersionIdMarker: 'v3' }).resolves(page(2));
    expect(await bucket.findFirstUpload(key)).toMatchObject({ version: 'v1', bytes: 1 });
    expect(mocked.commandCalls(ListObjectVersionsCommand)).toHaveLength(3);
  });

  it('uploads under a key that only begins with the given one are not found', async () => {
    await bucket.putOriginal({ key: `${key}-2`, bytes, contentType: 'image/png', sha256: sha256(bytes) });
    expect(await bucket.findFirstUpload('incoming/t/tick')).toBeUndefined();
    expect(await bucket.findFirstUpload(`${key}-2`)).toMatchObject({ later: [] });
  });

  it('deleting an original removes all its uploads and no others', async () => {
    await upload('once more');
    expect(await bucket.deleteAt([key])).toEqual({ empty: new Set([key]) });
    expect(await bucket.findFirstUpload(key)).toBeUndefined();
    expect(await bucket.findFirstUpload(`${key}-2`)).toBeDefined();
  });
});

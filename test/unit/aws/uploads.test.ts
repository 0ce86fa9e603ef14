import { createHash } from 'node:crypto';
import type { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openBucket } from '../../../lambda/aws/bucket.ts';
import { storageClient } from '../../../lambda/aws/storage-client.ts';
import { openPresigner } from '../../../lambda/aws/uploads.ts';
import { type Cloud, startCloud } from './cloud.ts';

let cloud: Cloud;
let client: S3Client;
beforeAll(async () => {
  cloud = await startCloud();
  client = storageClient();
});
afterAll(async () => {
  client.destroy();
  await cloud.stop();
});

it('a presigned POST admits this key, this type and at most these bytes, and expires', async () => {
  const presigner = openPresigner({ bucketName: 'pictures', client });
  const before = Date.now();
  const form = await presigner.presignUpload({
    key: 'incoming/acme/1',
    contentType: 'image/png',
    maxBytes: 123,
    seconds: 900,
  });
  expect(new URL(form.url).origin).toBe(cloud.endpoint);
  expect(form.fields).toMatchObject({
    key: 'incoming/acme/1',
    'Content-Type': 'image/png',
    bucket: 'pictures',
  });
  const policy = JSON.parse(Buffer.from(form.fields.Policy ?? '', 'base64').toString()) as {
    expiration: string;
    conditions: unknown[];
  };
  expect(policy.conditions).toEqual(
    expect.arrayContaining([
      ['content-length-range', 1, 123],
      { key: 'incoming/acme/1' },
      { 'Content-Type': 'image/png' },
      { bucket: 'pictures' },
    ]),
  );
  const life = (Date.parse(policy.expiration) - before) / 1000;
  expect(life).toBeGreaterThan(898);
  expect(life).toBeLessThanOrEqual(901);
});

it('a presigned GET is the same for a quarter of an hour and lives long enough at its end', async () => {
  let now = Date.parse('2030-01-01T10:15:00Z');
  const presigner = openPresigner({ bucketName: 'pictures', client, now: () => now });
  const first = await presigner.presignDownload('derived/a/1/x', 3600);
  now = Date.parse('2030-01-01T10:29:59.999Z');
  expect(await presigner.presignDownload('derived/a/1/x', 3600)).toBe(first);
  now = Date.parse('2030-01-01T10:30:00Z');
  expect(await presigner.presignDownload('derived/a/1/x', 3600)).not.toBe(first);
  const query = new URL(first).searchParams;
  expect(query.get('X-Amz-Date')).toBe('20300101T101500Z');
  expect(Number(query.get('X-Amz-Expires'))).toBe(3600 + 900);
});

it('a presigned GET reads the object and carries no checksum of an empty body', async () => {
  const bytes = Buffer.from('a variant');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const bucket = openBucket({ bucketName: 'pictures', client });
  await bucket.putVariant({ key: 'derived/a/1/x', bytes, contentType: 'image/webp', sha256 });
  const url = await openPresigner({ bucketName: 'pictures', client }).presignDownload('derived/a/1/x', 900);
  expect(url.toLowerCase()).not.toContain('crc32');
  const answer = await fetch(url);
  expect(await answer.text()).toBe('a variant');
  expect(answer.headers.get('content-type')).toBe('image/webp');
});

it('the origin is that of the signed URLs', async () => {
  const presigner = openPresigner({ bucketName: 'pictures', client });
  expect(await presigner.origin()).toBe(cloud.endpoint);
});

import { createHash } from 'node:crypto';
import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { openBucket } from '../../../lambda/aws/bucket.ts';
import { openPresignedDelivery } from '../../../lambda/aws/presigned-delivery.ts';
import { openUploadForms } from '../../../lambda/aws/upload-forms.ts';
import { type Cloud, startCloud } from './cloud.ts';
import { sdkStorage } from './sdk-storage.ts';

let cloud: Cloud;
let client: S3Client;
beforeAll(async () => {
  cloud = await startCloud();
  client = sdkStorage();
});
afterAll(async () => {
  client.destroy();
  await cloud.stop();
});

it('a presigned POST admits this key, this type and at most these bytes, and expires', async () => {
  const presigner = openUploadForms({ bucketName: 'pictures', client });
  const before = Date.now();
  const form = await presigner.uploadForm({
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

it('a presigned GET is the same for a quarter of an hour and valid long enough at its end', async () => {
  let now = Date.parse('2030-01-01T10:15:00Z');
  const presigner = openPresignedDelivery({ bucketName: 'pictures', client, now: () => now });
  const first = await presigner.variantUrl('derived/a/1/x', 3600);
  now = Date.parse('2030-01-01T10:29:59.999Z');
  expect(await presigner.variantUrl('derived/a/1/x', 3600)).toEqual(first);
  now = Date.parse('2030-01-01T10:30:00Z');
  expect((await presigner.variantUrl('derived/a/1/x', 3600)).url).not.toBe(first.url);
  const query = new URL(first.url).searchParams;
  expect(first.expiresAt).toEqual(new Date('2030-01-01T11:30:00Z'));
  expect(query.get('X-Amz-Date')).toBe('20300101T101500Z');
  expect(Number(query.get('X-Amz-Expires'))).toBe(3600 + 900);
});

it('a presigned GET reads the object and carries no checksum of an empty body', async () => {
  const bytes = Buffer.from('a variant');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const bucket = openBucket({ bucketName: 'pictures' });
  await bucket.putVariant({ key: 'derived/a/1/x', bytes, contentType: 'image/webp', sha256 });
  const { url } = await openPresignedDelivery({ bucketName: 'pictures', client }).variantUrl(
    'derived/a/1/x',
    900,
  );
  expect(url.toLowerCase()).not.toContain('crc32');
  const answer = await fetch(url);
  expect(await answer.text()).toBe('a variant');
  expect(answer.headers.get('content-type')).toBe('image/webp');
});

describe('a presigned GET signed by a session', () => {
  const credentials = { accessKeyId: 'ASIA', secretAccessKey: 'secret', sessionToken: 'token' };
  const startedAt = Date.parse('2030-01-01T00:00:00Z');
  const expiry = async (time: string, session: object = credentials) => {
    const lambda = new S3Client({ region: 'eu-central-1', credentials: session as typeof credentials });
    const now = () => Date.parse(`2030-01-01T${time}Z`);
    const presigner = openPresignedDelivery({ bucketName: 'pictures', client: lambda, now, startedAt });
    const { url, expiresAt } = await presigner.variantUrl('derived/a/1/x', 3600);
    const { searchParams } = new URL(url);
    const date = searchParams
      .get('X-Amz-Date')
      ?.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)/, '$1-$2-$3T$4:$5:');
    const end = Date.parse(date ?? '') + Number(searchParams.get('X-Amz-Expires')) * 1000;
    expect(expiresAt.getTime()).toBe(end);
    return expiresAt.toISOString().slice(11, 19);
  };

  it('a presigned GET of a young session is valid for the requested time', async () => {
    expect(await expiry('01:00:00')).toBe('02:15:00');
  });

  it('a presigned GET expires with its session, which is assumed to last eleven hours', async () => {
    expect(await expiry('10:20:00')).toBe('11:00:00');
  });

  it('a presigned GET of a session older than that is valid for a minute', async () => {
    expect(await expiry('11:20:00')).toBe('11:21:00');
  });

  it('a presigned GET uses the known end of its session', async () => {
    const expiration = new Date('2030-01-01T01:30:00Z');
    expect(await expiry('01:00:00', { ...credentials, expiration })).toBe('01:30:00');
  });

  it('a presigned GET signed with the keys of a user does not end with a session', async () => {
    const { sessionToken: _, ...user } = credentials;
    expect(await expiry('10:20:00', user)).toBe('11:30:00');
  });
});

it('the origin is that of the signed URLs', async () => {
  const presigner = openPresignedDelivery({ bucketName: 'pictures', client });
  expect(await presigner.origin()).toBe(cloud.endpoint);
});

it('the origin is that of the signed URLs on AWS, too', async () => {
  for (const name of ['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_S3']) vi.stubEnv(name, undefined);
  onTestFinished(() => void vi.unstubAllEnvs());
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const aws = new S3Client({ region: 'cn-north-1', credentials });
  const presigner = openPresignedDelivery({ bucketName: 'pictures', client: aws });
  const { url } = await presigner.variantUrl('derived/a/1/x', 900);
  expect(await presigner.origin()).toBe(new URL(url).origin);
  expect(await presigner.origin()).toBe('https://pictures.s3.cn-north-1.amazonaws.com.cn');
});

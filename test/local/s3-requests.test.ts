import { createHash, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { describe, expect, test } from 'vitest';
import { createdEvent } from '../../local/s3/created-event.ts';
import {
  bucket,
  client,
  connect,
  created,
  credentials,
  newKey,
  refusal,
  s3,
  sha256,
  turnClock,
} from './s3-fixture.ts';

describe('a presigned GET', () => {
  async function stored(): Promise<{ key: string; url: string }> {
    const key = `derived/acme/a b+ü/${randomUUID()}`;
    await client.send(
      new PutObjectCommand({ Bucket: bucket, Key: key, Body: 'picture', ContentType: 'image/webp' }),
    );
    const command = new GetObjectCommand({
      Bucket: bucket,
      Key: key,
      ResponseContentDisposition: 'attachment',
    });
    return { key, url: await getSignedUrl(client, command, { expiresIn: 60 }) };
  }

  test('a presigned GET returns the object, with the signed headers', async () => {
    const { url } = await stored();
    const answer = await fetch(url);
    expect([answer.status, await answer.text()]).toEqual([200, 'picture']);
    expect(answer.headers.get('content-type')).toBe('image/webp');
    expect(answer.headers.get('content-disposition')).toBe('attachment');
    const part = await fetch(url, { headers: { range: 'bytes=0-2' } });
    expect([part.status, await part.text()]).toEqual([206, 'pic']);
    const known = await fetch(url, { headers: { 'if-none-match': answer.headers.get('etag') ?? '' } });
    expect(known.status).toBe(304);
  });

  test('an expired presigned GET is refused', async () => {
    const { url } = await stored();
    turnClock(61_000);
    expect(await refusal(await fetch(url))).toEqual([403, 'AccessDenied', 'Request has expired']);
  });

  test.each([
    ['another key', (url: string) => url.replace('derived/acme', 'derived/else')],
    ['a longer life', (url: string) => url.replace('X-Amz-Expires=60', 'X-Amz-Expires=600')],
    ['another disposition', (url: string) => url.replace('attachment', 'inline')],
    ['another signature', (url: string) => url.replace(/(X-Amz-Signature=)[0-9a-f]{4}/, '$10000')],
  ])('a presigned GET with %s is refused', async (_what, change) => {
    const { url } = await stored();
    expect(change(url)).not.toBe(url);
    expect((await refusal(await fetch(change(url)))).slice(0, 2)).toEqual([403, 'SignatureDoesNotMatch']);
  });

  test('a presigned GET is for GET only', async () => {
    const { url } = await stored();
    expect((await refusal(await fetch(url, { method: 'DELETE' }))).slice(0, 2)).toEqual([
      403,
      'SignatureDoesNotMatch',
    ]);
  });

  test('a presigned GET for more than a week is refused', async () => {
    const { url } = await stored();
    const answer = await fetch(url.replace('X-Amz-Expires=60', 'X-Amz-Expires=604801'));
    expect((await refusal(answer)).slice(0, 2)).toEqual([400, 'AuthorizationQueryParametersError']);
  });

  test('a presigned GET of a missing object is 404', async () => {
    const url = await getSignedUrl(client, new GetObjectCommand({ Bucket: bucket, Key: 'derived/none' }));
    expect((await refusal(await fetch(url))).slice(0, 2)).toEqual([404, 'NoSuchKey']);
  });
});

test('any request without a signature is refused', async () => {
  for (const [method, path] of [
    ['GET', `/${bucket}/incoming/a`],
    ['PUT', `/${bucket}/incoming/a`],
    ['DELETE', `/${bucket}/incoming/a`],
    ['GET', `/${bucket}`],
    ['GET', '/'],
    ['PUT', '/new-bucket'],
    ['POST', `/${bucket}?delete`],
  ] as const) {
    const answer = await fetch(`${s3.endpoint}${path}`, {
      method,
      ...(method === 'PUT' ? { body: 'x' } : {}),
    });
    expect([method, path, ...(await refusal(answer)).slice(0, 2)]).toEqual([
      method,
      path,
      403,
      'AccessDenied',
    ]);
  }
  expect(created).toEqual([]);
});

test('an idle connection survives a stall of its client: the next upload succeeds', async () => {
  const answer = await fetch(s3.endpoint);
  expect(answer.headers.get('keep-alive')).toBe('timeout=310');
});

test('the SDK’s header signature is accepted, but not with a wrong secret, an unknown key or a wrong clock', async () => {
  const command = () => new PutObjectCommand({ Bucket: bucket, Key: newKey(), Body: 'x' });
  await client.send(command());
  const wrong = connect({ credentials: { ...credentials, secretAccessKey: 'wrong' } });
  await expect(wrong.send(command())).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' });
  const unknown = connect({ credentials: { ...credentials, accessKeyId: 'NOBODY' } });
  await expect(unknown.send(command())).rejects.toMatchObject({ name: 'InvalidAccessKeyId' });
  turnClock(16 * 60_000);
  await expect(client.send(command())).rejects.toMatchObject({ name: 'RequestTimeTooSkewed' });
});

test('a presigned PUT stores the bytes with its metadata', async () => {
  const key = newKey();
  const plain = connect({ requestChecksumCalculation: 'WHEN_REQUIRED' });
  const command = new PutObjectCommand({
    Bucket: bucket,
    Key: key,
    ContentType: 'image/png',
    Metadata: { by: 'me' },
  });
  const url = await getSignedUrl(plain, command, { signableHeaders: new Set(['content-type']) });
  const headers = { 'content-type': 'image/png' };
  expect(
    (await fetch(url, { method: 'PUT', body: 'x', headers: { 'content-type': 'text/html' } })).status,
  ).toBe(403);
  expect((await fetch(url, { method: 'PUT', body: 'bytes', headers })).status).toBe(200);
  const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
  expect(head).toMatchObject({ ContentType: 'image/png', ContentLength: 5, Metadata: { by: 'me' } });
  expect(created).toMatchObject([{ by: 'Put', key }]);
});

test('with If-None-Match exactly one of many writers of a key succeeds', async () => {
  const Key = newKey();
  const put = (Body: string) =>
    client.send(new PutObjectCommand({ Bucket: bucket, Key, Body, IfNoneMatch: '*' }));
  const results = await Promise.allSettled(Array.from({ length: 8 }, (_, index) => put(`writer ${index}`)));
  const lost = results.filter((result) => result.status === 'rejected');
  expect(lost).toHaveLength(7);
  for (const { reason } of lost)
    expect(reason).toMatchObject({ name: 'PreconditionFailed', $metadata: { httpStatusCode: 412 } });
  expect(created).toHaveLength(1);
  await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'anyway' }));
});

test('a checksum is verified, stored, and returned on request', async () => {
  const Key = newKey();
  const put = (Body: string, ChecksumSHA256: string) =>
    client.send(new PutObjectCommand({ Bucket: bucket, Key, Body, ChecksumSHA256 }));
  await expect(put('bytes', sha256('other'))).rejects.toMatchObject({ name: 'BadDigest' });
  await expect(put('bytes', 'c2hvcnQ=')).rejects.toMatchObject({ name: 'InvalidRequest' });
  await put('bytes', sha256('bytes'));
  const asked = await client.send(new HeadObjectCommand({ Bucket: bucket, Key, ChecksumMode: 'ENABLED' }));
  expect(asked.ChecksumSHA256).toBe(sha256('bytes'));
  const plain = await client.send(new HeadObjectCommand({ Bucket: bucket, Key }));
  expect(plain.ChecksumSHA256).toBeUndefined();
});

test('the signed hash is compared with the body', async () => {
  const url = `${s3.endpoint}/${bucket}/${newKey()}`;
  const { SignatureV4 } = await import('@smithy/signature-v4');
  const { Sha256 } = await import('@aws-crypto/sha256-js');
  const signer = new SignatureV4({
    credentials,
    region: 'us-east-1',
    service: 's3',
    sha256: Sha256,
    uriEscapePath: false,
  });
  const { host, hostname, pathname, port } = new URL(url);
  const signed = await signer.sign({
    method: 'PUT',
    protocol: 'http:',
    hostname,
    port: Number(port),
    path: pathname,
    query: {},
    headers: { host, 'x-amz-content-sha256': createHash('sha256').update('said').digest('hex') },
    body: 'said',
  });
  const { host: _, ...headers } = signed.headers;
  const answer = await fetch(url, { method: 'PUT', headers, body: 'done' });
  expect((await refusal(answer)).slice(0, 2)).toEqual([400, 'XAmzContentSHA256Mismatch']);
});

test('the SDK sends a stream in chunks with a checksum in the trailer', async () => {
  const Key = newKey();
  const bytes = Buffer.alloc(300_000, 'chunk ');
  await client.send(
    new PutObjectCommand({ Bucket: bucket, Key, Body: Readable.from([bytes]), ContentLength: bytes.length }),
  );
  const { Body, ChecksumCRC32 } = await client.send(
    new GetObjectCommand({ Bucket: bucket, Key, ChecksumMode: 'ENABLED' }),
  );
  expect(sha256((await Body?.transformToByteArray()) ?? '')).toBe(sha256(bytes));
  expect(ChecksumCRC32).toMatch(/^[\w+/]{6}==$/);
});

test('an event has the shape of S3, with an encoded key and sequencers in order', () => {
  const object = {
    by: 'Post',
    bucket,
    key: 'incoming/a b/ü+',
    size: 3,
    eTag: 'e',
    versionId: 'v',
    sequence: 1_764_355_862_000_000,
    requestId: 'R',
    region: 'us-east-1',
  } as const;
  const later = { ...object, sequence: object.sequence + 1 };
  const [first, second] = [createdEvent(object), createdEvent(later)].map(
    ({ Records: [record] }) => record as { eventName: string; s3: { object: Record<string, unknown> } },
  );
  expect(first).toMatchObject({
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    eventName: 'ObjectCreated:Post',
    s3: {
      bucket: { name: bucket, arn: 'arn:aws:s3:::pictures' },
      object: { key: 'incoming/a+b/%C3%BC%2B', size: 3, versionId: 'v' },
    },
  });
  expect(String(first?.s3.object.sequencer) < String(second?.s3.object.sequencer)).toBe(true);
});

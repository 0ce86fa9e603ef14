import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { createPresignedPost, type PresignedPostOptions } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ProcessLedger } from '../../local/processes/ledger.ts';
import { type RunningFauxqs, startFauxqs } from '../../local/queues/fauxqs.ts';
import { type CreatedObject, createdEvent } from '../../local/s3/created-event.ts';
import { type RunningEdge, startS3Edge } from '../../local/s3/edge.ts';

const bucket = 'pictures';
const origin = 'http://127.0.0.1:8787';
const credentials = { accessKeyId: 'LOCALKEY', secretAccessKey: 'a secret', region: 'us-east-1' };
let home: string;
let fauxqs: RunningFauxqs;
let edge: RunningEdge;
let client: S3Client;
let created: CreatedObject[] = [];
const trouble: string[] = [];
/** Added to the edge's clock. */
let later = 0;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'sluice-edge-'));
  fauxqs = await startFauxqs({
    dataFolder: join(home, 'queues'),
    objectFolder: join(home, 'objects'),
    logFolder: join(home, 'logs'),
    ledger: new ProcessLedger(join(home, 'run'), home),
  });
  await fetch(`${fauxqs.endpoint}/${bucket}`, { method: 'PUT' });
  edge = await startS3Edge({
    upstream: fauxqs.endpoint,
    credentials,
    cors: {
      allowedOrigins: [origin],
      allowedMethods: ['GET', 'HEAD', 'POST'],
      allowedHeaders: ['*'],
      exposeHeaders: ['ETag', 'Location'],
      maxAgeSeconds: 3600,
    },
    spoolFolder: join(home, 'spool'),
    port: 0,
    onCreated: async (object) => void created.push(object),
    onTrouble: (line) => trouble.push(line),
    now: () => Date.now() + later,
  });
  client = connect();
});
afterAll(async () => {
  await edge.close();
  await fauxqs.stop();
  expect(readdirSync(join(home, 'spool'))).toEqual([]);
  rmSync(home, { recursive: true, force: true });
  expect(trouble).toEqual([]);
});
beforeEach(() => {
  created = [];
  later = 0;
});

function connect(options: Partial<ConstructorParameters<typeof S3Client>[0]> = {}): S3Client {
  return new S3Client({
    endpoint: edge.endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials,
    maxAttempts: 1,
    ...options,
  });
}

const newKey = () => `incoming/acme/${randomUUID()}`;
const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('base64');
const codeOf = (xml: string) => /<Code>(.*)<\/Code>/.exec(xml)?.[1];
const messageOf = (xml: string) => /<Message>(.*)<\/Message>/.exec(xml)?.[1]?.replaceAll('&quot;', '"');

async function presign(key: string, options: Partial<PresignedPostOptions> = {}) {
  return createPresignedPost(client, {
    Bucket: bucket,
    Key: key,
    Fields: { 'Content-Type': 'image/jpeg' },
    Conditions: [['content-length-range', 2, 10]],
    Expires: 60,
    ...options,
  });
}

function post(
  url: string,
  fields: Record<string, string>,
  bytes: string | Uint8Array<ArrayBuffer> = 'bytes',
  init: RequestInit = {},
) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', new Blob([bytes]), 'photo.jpg');
  return fetch(url, { method: 'POST', body: form, ...init });
}

async function refusal(answer: Response): Promise<[number, string | undefined, string | undefined]> {
  const xml = await answer.text();
  return [answer.status, codeOf(xml), messageOf(xml)];
}

describe('a presigned POST', () => {
  test('admits what its policy says, answers 204 with the ETag, and is announced', async () => {
    const key = newKey();
    const { url, fields } = await presign(key);
    const answer = await post(url, fields);
    expect(answer.status).toBe(204);
    const md5 = createHash('md5').update('bytes').digest('hex');
    expect(answer.headers.get('etag')).toBe(`"${md5}"`);
    expect(answer.headers.get('location')).toBe(`${edge.endpoint}/${bucket}/${key}`);
    const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    expect(head).toMatchObject({ ContentType: 'image/jpeg', ContentLength: 5 });
    expect(created).toMatchObject([{ by: 'Post', bucket, key, size: 5, eTag: md5 }]);
  });

  test.each([
    ['a byte too many', 'elevenbytes', 'EntityTooLarge'],
    ['a byte too few', '1', 'EntityTooSmall'],
  ])('with %s is refused', async (_what, bytes, code) => {
    const { url, fields } = await presign(newKey());
    expect((await refusal(await post(url, fields, bytes))).slice(0, 2)).toEqual([400, code]);
    expect(created).toEqual([]);
  });

  test('with megabytes too many is refused in words, and the client gets to read them', async () => {
    const { url, fields } = await presign(newKey());
    const answer = await post(url, fields, new Uint8Array(30 * 1024 * 1024));
    expect((await refusal(answer)).slice(0, 2)).toEqual([400, 'EntityTooLarge']);
  });

  test('above a megabyte goes through a file and arrives whole', async () => {
    const key = newKey();
    const bytes = new Uint8Array(13 * 1024 * 1024).map((_, index) => index % 251);
    const { url, fields } = await presign(key, { Conditions: [['content-length-range', 1, bytes.length]] });
    expect((await post(url, fields, bytes)).status).toBe(204);
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    expect(sha256((await Body?.transformToByteArray()) ?? '')).toBe(sha256(bytes));
  });

  test('after its time is refused', async () => {
    const { url, fields } = await presign(newKey());
    later = 61_000;
    expect(await refusal(await post(url, fields))).toEqual([
      403,
      'AccessDenied',
      'Invalid according to Policy: Policy expired.',
    ]);
  });

  test.each([
    ['another key', { key: 'incoming/other/x' }, '["eq", "$key", '],
    ['another type', { 'Content-Type': 'text/html' }, '["eq", "$Content-Type", "image/jpeg"]'],
    ['no type', { 'Content-Type': undefined }, '["eq", "$Content-Type", "image/jpeg"]'],
    ['another bucket in the form', { bucket: 'elsewhere' }, undefined],
    ['a field that the policy does not name', { acl: 'public-read' }, 'Extra input fields: acl'],
    ['metadata that the policy does not name', { 'x-amz-meta-a': 'b' }, 'Extra input fields: x-amz-meta-a'],
  ])('with %s is refused', async (_what, change, reason) => {
    const { url, fields } = await presign(newKey());
    const changed = Object.entries({ ...fields, ...change }).filter(([, value]) => value !== undefined);
    const answer = await post(url, Object.fromEntries(changed) as Record<string, string>);
    // The bucket is taken from the address, as S3 does.
    if (reason === undefined) return expect(answer.status).toBe(204);
    const [status, code, message] = await refusal(answer);
    expect([status, code]).toEqual([403, 'AccessDenied']);
    expect(message).toContain(`Invalid according to Policy: `);
    expect(message).toContain(reason);
    expect(created).toEqual([]);
  });

  test('to another bucket than the one it was signed for is refused', async () => {
    await fetch(`${fauxqs.endpoint}/elsewhere`, { method: 'PUT' });
    const { url, fields } = await presign(newKey());
    const answer = await post(url.replace(bucket, 'elsewhere'), fields);
    expect((await refusal(answer)).slice(0, 2)).toEqual([403, 'AccessDenied']);
  });

  test('with a policy that was written anew has a wrong signature', async () => {
    const { url, fields } = await presign(newKey());
    const policy = JSON.parse(Buffer.from(fields.Policy ?? '', 'base64').toString());
    policy.conditions = policy.conditions.map((one: unknown) =>
      Array.isArray(one) && one[0] === 'content-length-range' ? [one[0], 0, 1e9] : one,
    );
    const forged = Buffer.from(JSON.stringify(policy)).toString('base64');
    expect((await refusal(await post(url, { ...fields, Policy: forged }))).slice(0, 2)).toEqual([
      403,
      'SignatureDoesNotMatch',
    ]);
  });

  test('signed with a key that nobody knows is refused', async () => {
    const stranger = connect({ credentials: { accessKeyId: 'STRANGER', secretAccessKey: 'a secret' } });
    const { url, fields } = await createPresignedPost(stranger, { Bucket: bucket, Key: newKey() });
    expect((await refusal(await post(url, fields))).slice(0, 2)).toEqual([403, 'InvalidAccessKeyId']);
  });

  test('without policy, or with one that is no JSON, is refused', async () => {
    const { url, fields } = await presign(newKey());
    expect((await refusal(await post(url, { key: 'a' }))).slice(0, 2)).toEqual([403, 'AccessDenied']);
    expect((await refusal(await post(url, { ...fields, Policy: 'bm8=' }))).slice(0, 2)).toEqual([
      403,
      'SignatureDoesNotMatch',
    ]);
  });

  test('without a file is refused', async () => {
    const { url, fields } = await presign(newKey());
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    expect(await refusal(await fetch(url, { method: 'POST', body: form }))).toEqual([
      400,
      'InvalidArgument',
      'POST requires exactly one file upload per request.',
    ]);
  });

  test('that breaks off in the middle leaves nothing', async () => {
    const key = newKey();
    const { url, fields } = await presign(key, { Conditions: [['content-length-range', 1, 5_000_000]] });
    const boundary = 'x'.repeat(20);
    const head = Object.entries({ ...fields, file: '' }).map(([name, value]) => {
      const file = name === 'file' ? '; filename="a.jpg"' : '';
      return `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n${value}`;
    });
    await new Promise<void>((done) => {
      const outgoing = httpRequest(url, {
        method: 'POST',
        headers: { 'content-type': `multipart/form-data; boundary=${boundary}`, 'content-length': 3_000_000 },
      });
      outgoing.on('error', () => done());
      outgoing.write(head.join('\r\n'));
      outgoing.write(Buffer.alloc(2_000_000), () => outgoing.destroy());
    });
    await expect(client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }))).rejects.toMatchObject({
      name: 'NotFound',
    });
    expect(created).toEqual([]);
  });

  test('with the checksum of other bytes is refused', async () => {
    const value = sha256('other');
    const { url, fields } = await presign(newKey(), { Fields: { 'x-amz-checksum-sha256': value } });
    expect((await refusal(await post(url, fields))).slice(0, 2)).toEqual([400, 'BadDigest']);
  });

  test('answers 201 with a document where the form asks for it', async () => {
    const key = newKey();
    const { url, fields } = await presign(key, { Fields: { success_action_status: '201' } });
    const answer = await post(url, fields);
    expect(answer.status).toBe(201);
    expect(await answer.text()).toContain(`<Key>${key}</Key>`);
  });
});

describe('CORS', () => {
  const preflight = (from: string, method: string) =>
    fetch(`${edge.endpoint}/${bucket}`, {
      method: 'OPTIONS',
      headers: {
        origin: from,
        'access-control-request-method': method,
        'access-control-request-headers': 'content-type, x-requested-with',
      },
    });

  test('lets the page post and read the ETag', async () => {
    const asked = await preflight(origin, 'POST');
    expect(asked.status).toBe(200);
    expect(asked.headers.get('access-control-allow-origin')).toBe(origin);
    expect(asked.headers.get('access-control-allow-headers')).toBe('content-type, x-requested-with');
    expect(asked.headers.get('access-control-max-age')).toBe('3600');
    const { url, fields } = await presign(newKey());
    const answer = await post(url, fields, 'bytes', { headers: { origin } });
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
    expect(answer.headers.get('access-control-expose-headers')).toContain('ETag');
  });

  test('shows the page what is wrong when an upload is refused', async () => {
    const { url, fields } = await presign(newKey());
    const answer = await post(url, fields, 'much too long', { headers: { origin } });
    expect(answer.status).toBe(400);
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
  });

  test.each([
    ['http://evil.example', 'POST'],
    [origin, 'DELETE'],
  ])('refuses the preflight of %s for %s', async (from, method) => {
    expect((await refusal(await preflight(from, method))).slice(0, 2)).toEqual([403, 'AccessForbidden']);
  });

  test('leaves the headers out for a stranger', async () => {
    const { url, fields } = await presign(newKey());
    const answer = await post(url, fields, 'bytes', { headers: { origin: 'http://evil.example' } });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });
});

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

  test('gives the object, with the headers that were signed into it', async () => {
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

  test('after its time is refused', async () => {
    const { url } = await stored();
    later = 61_000;
    expect(await refusal(await fetch(url))).toEqual([403, 'AccessDenied', 'Request has expired']);
  });

  test.each([
    ['another key', (url: string) => url.replace('derived/acme', 'derived/else')],
    ['a longer life', (url: string) => url.replace('X-Amz-Expires=60', 'X-Amz-Expires=600')],
    ['another disposition', (url: string) => url.replace('attachment', 'inline')],
    ['another signature', (url: string) => url.replace(/(X-Amz-Signature=)[0-9a-f]{4}/, '$10000')],
  ])('with %s is refused', async (_what, change) => {
    const { url } = await stored();
    expect(change(url)).not.toBe(url);
    expect((await refusal(await fetch(change(url)))).slice(0, 2)).toEqual([403, 'SignatureDoesNotMatch']);
  });

  test('is for GET only', async () => {
    const { url } = await stored();
    expect((await refusal(await fetch(url, { method: 'DELETE' }))).slice(0, 2)).toEqual([
      403,
      'SignatureDoesNotMatch',
    ]);
  });

  test('for more than a week is refused', async () => {
    const { url } = await stored();
    const answer = await fetch(url.replace('X-Amz-Expires=60', 'X-Amz-Expires=604801'));
    expect((await refusal(answer)).slice(0, 2)).toEqual([400, 'AuthorizationQueryParametersError']);
  });

  test('of nothing is 404', async () => {
    const url = await getSignedUrl(client, new GetObjectCommand({ Bucket: bucket, Key: 'derived/none' }));
    expect((await refusal(await fetch(url))).slice(0, 2)).toEqual([404, 'NoSuchKey']);
  });
});

test('a request without signature is refused, whatever it wants', async () => {
  for (const [method, path] of [
    ['GET', `/${bucket}/incoming/a`],
    ['PUT', `/${bucket}/incoming/a`],
    ['DELETE', `/${bucket}/incoming/a`],
    ['GET', `/${bucket}`],
    ['GET', '/'],
    ['PUT', '/new-bucket'],
    ['POST', `/${bucket}?delete`],
  ] as const) {
    const answer = await fetch(`${edge.endpoint}${path}`, {
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

test('the SDK is let in by its header signature, and not with a wrong secret, an unknown key or a wrong clock', async () => {
  const command = () => new PutObjectCommand({ Bucket: bucket, Key: newKey(), Body: 'x' });
  await client.send(command());
  const wrong = connect({ credentials: { ...credentials, secretAccessKey: 'wrong' } });
  await expect(wrong.send(command())).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' });
  const unknown = connect({ credentials: { ...credentials, accessKeyId: 'NOBODY' } });
  await expect(unknown.send(command())).rejects.toMatchObject({ name: 'InvalidAccessKeyId' });
  later = 16 * 60_000;
  await expect(client.send(command())).rejects.toMatchObject({ name: 'RequestTimeTooSkewed' });
});

test('a presigned PUT takes the bytes with its metadata', async () => {
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

test('If-None-Match lets exactly one of many writers of a key in', async () => {
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

test('a checksum is verified, kept, and given to who asks for it', async () => {
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

test('what the signature says of the body is compared with the body', async () => {
  const url = `${edge.endpoint}/${bucket}/${newKey()}`;
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

test('a stream of the SDK comes in chunks with a checksum behind it', async () => {
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

test('a multipart upload is announced when it is complete, and lists and deletes work', async () => {
  const Key = newKey();
  const Bucket = bucket;
  const { UploadId } = await client.send(
    new CreateMultipartUploadCommand({ Bucket, Key, ContentType: 'image/png' }),
  );
  const part = await client.send(
    new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: Buffer.alloc(6 * 1024 * 1024, 1) }),
  );
  expect(created).toEqual([]);
  const Parts = [{ PartNumber: 1, ETag: part.ETag }];
  await client.send(
    new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }),
  );
  expect(created).toMatchObject([{ by: 'CompleteMultipartUpload', key: Key, size: 6 * 1024 * 1024 }]);
  const listed = await client.send(new ListObjectsV2Command({ Bucket, Prefix: Key }));
  expect(listed.Contents?.map((object) => object.Key)).toEqual([Key]);
  await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key }] } }));
  expect((await client.send(new ListObjectsV2Command({ Bucket, Prefix: Key }))).KeyCount).toBe(0);
});

test('an event has the shape of S3, with an encoded key and sequencers in order', () => {
  const object = {
    by: 'Post',
    bucket,
    key: 'incoming/a b/ü+',
    size: 3,
    eTag: 'e',
    requestId: 'R',
    region: 'us-east-1',
  } as const;
  const [first, second] = [createdEvent(object), createdEvent(object)].map(
    ({ Records: [record] }) => record as { eventName: string; s3: { object: Record<string, unknown> } },
  );
  expect(first).toMatchObject({
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    eventName: 'ObjectCreated:Post',
    s3: {
      bucket: { name: bucket, arn: 'arn:aws:s3:::pictures' },
      object: { key: 'incoming/a+b/%C3%BC%2B', size: 3 },
    },
  });
  expect(String(first?.s3.object.sequencer) < String(second?.s3.object.sequencer)).toBe(true);
});

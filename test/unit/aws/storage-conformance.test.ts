import { createHash } from 'node:crypto';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { StorageClient } from '../../../lambda/aws/storage-client.ts';
import { type Script, type ScriptedRequest, scripted } from './scripted.ts';

/* Our client beside the SDK's, at one server that responds to both in the same way. */

const Bucket = 'pictures';
const bytes = Buffer.from('not really a picture');
const sha256 = createHash('sha256').update(bytes).digest('hex');
const checksum = Buffer.from(sha256, 'hex').toString('base64');

interface Call {
  sdk(client: S3Client, key: string): Promise<unknown>;
  ours(client: StorageClient, key: string): Promise<unknown>;
}
const calls = {
  get: {
    sdk: (client, Key) => client.send(new GetObjectCommand({ Bucket, Key, VersionId: 'v+1' })),
    ours: (client, key) =>
      client.open({ operation: 'GetObject', bucketName: Bucket, key, query: { versionId: 'v+1' } }),
  },
  head: {
    sdk: (client, Key) => client.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' })),
    ours: (client, key) =>
      client.send({
        operation: 'HeadObject',
        bucketName: Bucket,
        key,
        headers: { 'x-amz-checksum-mode': 'ENABLED' },
      }),
  },
  put: {
    sdk: (client, Key) =>
      client.send(
        new PutObjectCommand({
          Bucket,
          Key,
          Body: bytes,
          ContentType: 'image/webp',
          ContentLength: bytes.length,
          CacheControl: 'private',
          ChecksumSHA256: checksum,
          IfNoneMatch: '*',
        }),
      ),
    ours: (client, key) =>
      client.send({
        operation: 'PutObject',
        bucketName: Bucket,
        key,
        headers: { 'content-type': 'image/webp', 'cache-control': 'private', 'if-none-match': '*' },
        body: { bytes, sha256 },
      }),
  },
  delete: {
    sdk: (client, Key) => client.send(new DeleteObjectCommand({ Bucket, Key, VersionId: 'v' })),
    ours: (client, key) =>
      client.send({ operation: 'DeleteObject', bucketName: Bucket, key, query: { versionId: 'v' } }),
  },
  list: {
    sdk: (client, Prefix) =>
      client.send(new ListObjectVersionsCommand({ Bucket, Prefix, KeyMarker: 'a b', MaxKeys: 7 })),
    ours: (client, prefix) =>
      client.send({
        operation: 'ListObjectVersions',
        bucketName: Bucket,
        query: { prefix, 'key-marker': 'a b', 'max-keys': '7' },
      }),
  },
} satisfies Record<string, Call>;
type Name = keyof typeof calls;

const credentials = { accessKeyId: 'ASIAEXAMPLE', secretAccessKey: 'a/secret+key=', sessionToken: 'x/+=' };

/** The same call by both clients, each with a server of its own. */
async function both(
  name: Name,
  respond: (request: ScriptedRequest, count: number) => Script,
  { maxAttempts = 3, key = 'derived/acme/1/a.webp' } = {},
) {
  // No wait between two tries.
  vi.spyOn(Math, 'random').mockReturnValue(0);
  onTestFinished(() => void vi.restoreAllMocks());
  for (const [variable, value] of Object.entries({
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
  }))
    vi.stubEnv(variable, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  const results = [];
  for (const which of ['sdk', 'ours'] as const) {
    const { endpoint, client, requests } = await scripted(respond, { maxAttempts });
    const sdk = new S3Client({
      endpoint,
      forcePathStyle: true,
      maxAttempts,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
    const call = which === 'sdk' ? calls[name].sdk(sdk, key) : calls[name].ours(client, key);
    const error = await call.then(
      () => undefined,
      (fault: unknown) => fault as Fault,
    );
    sdk.destroy();
    const { httpStatusCode, requestId, extendedRequestId } = error?.$metadata ?? {};
    results.push({
      requests,
      seen: {
        tries: requests.length,
        error: error && { name: error.name, httpStatusCode, requestId, extendedRequestId },
      },
    });
  }
  const [sdk, ours] = results;
  if (sdk === undefined || ours === undefined) throw new Error('no result');
  return { sdk, ours };
}
type Fault = Error & {
  $metadata?: { httpStatusCode?: number; requestId?: string; extendedRequestId?: string };
};

const errorBody = (code: string) => `<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>${code}</Code><Message>Some &lt;text&gt;</Message><RequestId>B</RequestId><HostId>C</HostId></Error>`;
const ids = { 'x-amz-request-id': 'A', 'x-amz-id-2': 'D' };

describe('a request of our client is that of the SDK', () => {
  it.each(Object.keys(calls) as Name[])('%s', async (name) => {
    const key = "derived/acme/a b/ü😀/(x)*!'~+=&?#%.jpg";
    const body = name === 'list' ? '<ListVersionsResult/>' : '';
    const { sdk, ours } = await both(name, () => ({ body }), { key });
    const [theirs, mine] = [sdk.requests[0], ours.requests[0]];
    theirs?.query.delete('x-id');
    theirs?.query.sort();
    mine?.query.sort();
    expect(mine).toMatchObject({ method: theirs?.method, path: theirs?.path, body: theirs?.body });
    expect(String(mine?.query)).toBe(String(theirs?.query));
    const relevant = (headers: object = {}) =>
      Object.fromEntries(
        Object.entries(headers).filter(
          ([header]) => !/^(host|user-agent|x-amz-user-agent|amz-sdk-|x-amz-date|authorization)/.test(header),
        ),
      );
    expect(relevant(mine?.headers)).toEqual(relevant(theirs?.headers));
  });
});

describe('an error has the name, status and ids of the SDK, and as many tries', () => {
  const script = (status: number, code: string | undefined) => () =>
    code === undefined
      ? { status, headers: ids }
      : { status, headers: { ...ids, 'content-type': 'application/xml' }, body: errorBody(code) };
  it.each<[Name, number, string | undefined]>([
    ['get', 404, 'NoSuchKey'],
    ['get', 404, 'NoSuchVersion'],
    ['get', 403, 'AccessDenied'],
    ['get', 301, 'PermanentRedirect'],
    ['get', 307, 'TemporaryRedirect'],
    ['get', 400, 'RequestTimeout'],
    ['put', 412, 'PreconditionFailed'],
    ['put', 409, 'ConditionalRequestConflict'],
    ['put', 400, 'BadDigest'],
    ['put', 400, 'ExpiredToken'],
    ['put', 503, 'SlowDown'],
    ['put', 500, 'InternalError'],
    ['put', 502, undefined],
    ['put', 504, undefined],
    ['put', 429, undefined],
    ['put', 403, 'RequestTimeTooSkewed'],
    ['list', 503, 'ServiceUnavailable'],
    ['list', 404, 'NoSuchBucket'],
    ['list', 501, 'NotImplemented'],
    ['delete', 403, 'AccessDenied'],
    ['head', 404, undefined],
    ['head', 403, undefined],
    ['head', 400, undefined],
    ['head', 503, undefined],
    ['head', 301, undefined],
  ])('%s: %i %s', async (name, status, code) => {
    const { sdk, ours } = await both(name, script(status, code));
    expect(ours.seen).toEqual(sdk.seen);
    expect(ours.seen.error?.httpStatusCode).toBe(status);
  });

  it('a broken connection is tried again, and is a TimeoutError in the end', async () => {
    const { sdk, ours } = await both('put', () => ({ broken: true }));
    expect(ours.seen).toEqual(sdk.seen);
    expect(ours.seen).toMatchObject({ tries: 3, error: { name: 'TimeoutError' } });
  });

  it('a call that succeeds at its second try succeeds', async () => {
    const flaky = (_: unknown, count: number) =>
      count === 1 ? { status: 503, body: errorBody('SlowDown') } : {};
    const { sdk, ours } = await both('put', flaky);
    expect(ours.seen).toEqual(sdk.seen);
    expect(ours.seen).toEqual({ tries: 2, error: undefined });
    expect(ours.requests.map(({ body }) => String(body))).toEqual([String(bytes), String(bytes)]);
  });

  it('a list that becomes an error after its 200 is tried again', async () => {
    const { sdk, ours } = await both('list', () => ({ body: errorBody('InternalError') }));
    expect(ours.seen).toEqual(sdk.seen);
    expect(ours.seen.tries).toBe(3);
  });

  it('an error of a proxy, which is no XML, is tried again by its status', async () => {
    const { sdk, ours } = await both('put', () => ({ status: 503, body: '<html><p>Sorry' }));
    expect([ours.seen.tries, sdk.seen.tries]).toEqual([3, 3]);
    expect(ours.seen.error?.httpStatusCode).toBe(503);
  });
});

it('a clock that is wrong is corrected by the first response, and the call tried again', async () => {
  const server = Date.now() + 3_600_000;
  const signedAt = ({ headers }: ScriptedRequest) =>
    Date.parse(String(headers['x-amz-date']).replace(/(....)(..)(..)T(..)(..)(..)Z/, '$1-$2-$3T$4:$5:$6Z'));
  const strict = (request: ScriptedRequest): Script => {
    const headers = { date: new Date(server).toUTCString() };
    return Math.abs(signedAt(request) - server) < 900_000
      ? { headers }
      : { status: 403, headers, body: errorBody('RequestTimeTooSkewed') };
  };
  const { sdk, ours } = await both('put', strict);
  expect(ours.seen).toEqual(sdk.seen);
  expect(ours.seen).toEqual({ tries: 2, error: undefined });
});

it('an error names no key and no URL, and shows no header', async () => {
  const { ours } = await both('get', () => ({ status: 404, body: errorBody('NoSuchKey') }));
  expect(ours.seen.error?.name).toBe('NoSuchKey');
  const { client } = await scripted(() => ({
    status: 404,
    headers: { 'x-amz-meta': 'secret' },
    body: errorBody('NoSuchKey'),
  }));
  const fault = await calls.get.ours(client, 'derived/secret').catch((error: unknown) => error as Fault);
  expect(JSON.stringify(fault) + String((fault as Fault).message)).not.toMatch(/secret|127\.0\.0\.1|http:/);
});

it('on AWS a bucket has a host of its own, and one with a dot a path', async () => {
  const { bucketEndpoint } = await import('../../../lambda/aws/bucket-endpoint.ts');
  expect(bucketEndpoint('eu-central-1', 'pictures', undefined).href).toBe(
    'https://pictures.s3.eu-central-1.amazonaws.com/',
  );
  expect(bucketEndpoint('cn-north-1', 'a.b', undefined).href).toBe(
    'https://s3.cn-north-1.amazonaws.com.cn/a.b',
  );
});

it('credentials are read for each call, and calls share a connection', async () => {
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  onTestFinished(() => void vi.unstubAllEnvs());
  const { client, requests } = await scripted(() => ({}));
  for (const id of ['ONE', 'TWO']) {
    vi.stubEnv('AWS_ACCESS_KEY_ID', id);
    await calls.put.ours(client, 'k');
  }
  expect(requests.map(({ headers }) => headers.authorization?.match(/Credential=(\w+)/)?.[1])).toEqual([
    'ONE',
    'TWO',
  ]);
  expect(new Set(requests.map(({ port }) => port)).size).toBe(1);
});

import { createHash } from 'node:crypto';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { directResponse, imageResponse, listResponse } from '../../../lambda/api/schemas/responses.ts';
import { openBucket } from '../../../lambda/aws/bucket.ts';
import { openQueue } from '../../../lambda/aws/queue.ts';
import { storageClient } from '../../../lambda/aws/storage-client.ts';
import { sdkStorage } from '../aws/sdk-storage.ts';
import { apiEvent } from './events.ts';
import { expectProblem, expectRetryAfter } from './problems.ts';
import { decode, type Environment, openTestApi, settings, type TestApi } from './test-api.ts';

let testApi: TestApi;
let api: Environment;
beforeAll(async () => {
  testApi = await openTestApi();
  api = testApi.environment();
});
afterAll(() => testApi.close());

const picture = Buffer.from('89504e470d0a1a0aff00', 'hex');
const send = (environment: Environment, more: { query?: Record<string, string>; headers?: object } = {}) =>
  environment.call('POST', '/v1/images', {
    body: picture,
    ...(more.query && { query: more.query }),
    headers: { 'Content-Type': 'image/png', ...more.headers },
  });
const rowOf = async (id: string) =>
  (
    await testApi.sql<{
      status: string;
      presets: string[];
      deleted: boolean;
      enqueued: boolean;
      sha256: string;
    }>(
      `select status, presets, deleted_at is not null as deleted, enqueued_at is not null as enqueued,
         declared_sha256 as sha256 from image where id = $1`,
      [id],
    )
  )[0];
const messages = () =>
  (testApi.cloud.server.inspectQueue(testApi.cloud.queueName)?.messages.ready ?? []).map(({ body }) =>
    JSON.parse(body),
  );

describe('a direct upload', () => {
  it('a direct upload is stored unchanged, marked queued, and its job is sent', async () => {
    const response = await send(api);
    expect(response.status).toBe(202);
    const { id } = directResponse.parse(response.json);
    expect(response.headers.Location).toBe(`/prod/v1/images/${id}`);
    const client = sdkStorage();
    const stored = await client.send(
      new GetObjectCommand({ Bucket: testApi.cloud.bucketName, Key: `incoming/acme/${id}` }),
    );
    expect(Buffer.from((await stored.Body?.transformToByteArray()) ?? []).equals(picture)).toBe(true);
    expect(stored.ContentType).toBe('image/png');
    client.destroy();
    expect(await rowOf(id)).toEqual({
      status: 'queued',
      presets: ['large', 'medium', 'small'],
      deleted: false,
      enqueued: true,
      sha256: createHash('sha256').update(picture).digest('hex'),
    });
    expect(messages()).toContainEqual({ v: 1, tenant: 'acme', imageId: id });
    const [row] = await testApi.sql<{ version: string }>(
      'select original_version as version from image where id = $1',
      [id],
    );
    expect(row?.version).toBe(stored.VersionId);
  });

  it('a direct upload queues neither another awaited image nor an expired one', async () => {
    const ticket = async () =>
      (
        await api.call('POST', '/v1/images', {
          body: JSON.stringify({ contentType: 'image/png', bytes: 10 }),
          headers: { 'Content-Type': 'application/json' },
        })
      ).json.id as string;
    const [awaited, expired] = [await ticket(), await ticket()];
    await testApi.sql(`update image set status = 'expired' where id = $1`, [expired]);
    expect((await send(api)).status).toBe(202);
    expect(await rowOf(awaited)).toMatchObject({ status: 'awaiting_upload', enqueued: false });
    expect(await rowOf(expired)).toMatchObject({ status: 'expired', enqueued: false });
  });

  it('a direct upload takes its presets from the query', async () => {
    const { json } = await send(api, { query: { presets: 'small,large' } });
    expect((await rowOf(json.id))?.presets).toEqual(['small', 'large']);
  });

  it('a direct upload takes metadata from a header, in the form of a ticket’s metadata', async () => {
    const headers = { 'X-Sluice-Metadata': '{"album":"S\\u00fcd","order":"17"}' };
    const { json } = await send(api, { headers });
    const image = await api.call('GET', `/v1/images/${json.id}`);
    expect(image.json.metadata).toEqual({ album: 'Süd', order: '17' });
  });

  it.each([
    ['no JSON', '{album', 'X-Sluice-Metadata'],
    ['no object', '[1]', 'X-Sluice-Metadata'],
    ['not ASCII', '{"a":"ü"}', 'X-Sluice-Metadata'],
    ['no text', '{"a":1}', 'X-Sluice-Metadata.a'],
    ['no character that is stored', '{"a":"\\u0000"}', 'X-Sluice-Metadata'],
    ['too long', JSON.stringify({ a: 'x'.repeat(2_100) }), 'X-Sluice-Metadata'],
  ])('a direct upload is refused if its metadata is %s', async (_, text, path) => {
    const response = await send(api, { headers: { 'X-Sluice-Metadata': text } });
    expect(expectProblem(response, 400, 'invalid_request').map((mistake) => mistake.path)).toEqual([path]);
  });

  it('a direct upload names what it stands for, and ends older images of that name that wait', async () => {
    const headers = { 'X-Sluice-Replaces': 'avatar/42' };
    const older = (await send(api, { headers })).json.id;
    const other = (await send(api, { headers: { 'X-Sluice-Replaces': 'avatar/43' } })).json.id;
    const newer = (await send(api, { headers })).json.id;
    const read = async (id: string) => imageResponse.parse((await api.call('GET', `/v1/images/${id}`)).json);
    expect(await read(older)).toMatchObject({
      status: 'superseded',
      replaces: 'avatar/42',
      supersededBy: newer,
      variants: [],
    });
    expect(await read(newer)).toMatchObject({ status: 'queued', replaces: 'avatar/42' });
    expect((await read(newer)).supersededBy).toBeUndefined();
    expect(await read(other)).toMatchObject({ status: 'queued' });
    const list = await api.call('GET', '/v1/images', { query: { status: 'superseded' } });
    expect(listResponse.parse(list.json).images.map(({ id }) => id)).toEqual([older]);
    expect((await api.call('GET', `/v1/images/${older}`)).headers['Retry-After']).toBeUndefined();
  });

  it.each([' a', 'a\u00fc', 'x'.repeat(256), ''])(
    'a direct upload is refused for the name "%s"',
    async (name) => {
      const response = await send(api, { headers: { 'X-Sluice-Replaces': name } });
      expect(expectProblem(response, 400, 'invalid_request').map(({ path }) => path)).toEqual([
        'X-Sluice-Replaces',
      ]);
    },
  );

  it('a key that is used with another name is a different request', async () => {
    const headers = (name: string) => ({ 'Idempotency-Key': 'named', 'X-Sluice-Replaces': name });
    const first = await send(api, { headers: headers('a/1') });
    const again = await send(api, { headers: headers('a/1') });
    expect([first.status, again.status, again.json.id]).toEqual([202, 202, first.json.id]);
    expectProblem(await send(api, { headers: headers('a/2') }), 422, 'idempotency_key_reused');
    const [row] = await testApi.sql<{ count: number }>(
      "select count(*)::int as count from image where replaces like 'a/%'",
    );
    expect(row?.count).toBe(1);
  });

  it.each(['', 'huge', 'small,small', 'small,'])(
    'a direct upload is refused for the presets "%s"',
    async (presets) => {
      expectProblem(await send(api, { query: { presets } }), 400, 'invalid_request');
    },
  );

  it('a direct upload is refused for an unknown parameter', async () => {
    const errors = expectProblem(await send(api, { query: { preset: 'small' } }), 400, 'invalid_request');
    expect(errors[0]?.path).toBe('preset');
  });

  it('a direct upload is refused for a repeated parameter', async () => {
    const event = apiEvent('POST', '/v1/images', {
      key: testApi.keys.acme,
      headers: { 'Content-Type': 'image/png' },
      query: { presets: 'small' },
      body: picture,
    });
    event.multiValueQueryStringParameters = { presets: ['large', 'small'] };
    const errors = expectProblem(decode(await api.handle(event)), 400, 'invalid_request');
    expect(errors).toEqual([{ path: 'presets', detail: 'is given more than once' }]);
  });

  it.each([{}, { 'Content-Type': 'text/plain' }, { 'Content-Type': 'image/heic' }, { 'Content-Type': '' }])(
    'a direct upload is refused for the content type %o',
    async (headers) => {
      const response = await api.call('POST', '/v1/images', {
        body: picture,
        headers: headers as Record<string, string>,
      });
      expectProblem(response, 415, 'unsupported_type');
      expect(response.text).toContain('application/json');
    },
  );

  it('an empty direct upload is refused', async () => {
    const headers = { 'Content-Type': 'image/png' };
    expectProblem(await api.call('POST', '/v1/images', { headers }), 400, 'empty_body');
    expectProblem(
      await api.call('POST', '/v1/images', { headers, body: Buffer.alloc(0) }),
      400,
      'empty_body',
    );
  });

  it('a body above maxDirectBytes is refused with a hint to use a ticket', async () => {
    const small = testApi.environment({
      settings: { ...settings, uploads: { ...settings.uploads, maxDirectBytes: 9 } },
    });
    const response = await send(small);
    expectProblem(response, 413, 'too_large');
    expect(response.text).toContain('ticket');
  });

  it('a body above maxBytes is refused', async () => {
    const small = testApi.environment({
      settings: { ...settings, limits: { ...settings.limits, maxBytes: 9 } },
    });
    expectProblem(await send(small), 413, 'too_large');
  });

  it('the content type of a direct upload is not case-sensitive', async () => {
    expect((await send(api, { headers: { 'Content-Type': 'Image/PNG' } })).status).toBe(202);
  });

  it('a body that API Gateway decoded as text is refused with an explanation', async () => {
    const headers = { 'Content-Type': 'Image/PNG' };
    const response = await api.call('POST', '/v1/images', { headers, body: 'damaged' });
    expectProblem(response, 415, 'unsupported_type');
    expect(response.json.detail).toContain('received as text');
  });
});

describe('a direct upload while S3 is unavailable', () => {
  const closed = () => storageClient({ endpoint: 'http://127.0.0.1:1', maxAttempts: 1 });

  it('an outage of S3 returns 503, removes the row and frees the key for a retry', async () => {
    const unavailable = testApi.environment({
      bucket: openBucket({ bucketName: 'pictures', client: closed() }),
    });
    const headers = { 'Idempotency-Key': 'storage-outage' };
    const failed = await send(unavailable, { headers });
    expectProblem(failed, 503, 'storage_unavailable');
    expectRetryAfter(failed, 1, 60);
    const left = await testApi.sql<{ id: string; status: string }>(
      `select id, status from image where deleted_at is not null`,
    );
    expect(left).toMatchObject([{ status: 'awaiting_upload' }]);
    const retried = await send(api, { headers });
    expect(retried.status).toBe(202);
    expect(retried.json.id).not.toBe(left[0]?.id);
  });
});

describe('a direct upload while SQS is unavailable', () => {
  it('an outage of SQS does not refuse the image: it is queued and left to the sweep', async () => {
    const client = new SQSClient({ endpoint: 'http://127.0.0.1:1', maxAttempts: 1 });
    const unavailable = testApi.environment({
      queue: openQueue({ queueUrl: testApi.cloud.queueUrl, client }),
    });
    const response = await send(unavailable);
    expect(response.status).toBe(202);
    expect(await rowOf(response.json.id)).toMatchObject({ status: 'queued', enqueued: true });
    expect(messages()).not.toContainEqual(expect.objectContaining({ imageId: response.json.id }));
    expect(testApi.lines.some(({ message }) => message === 'A job was not sent; the sweep will')).toBe(true);
  });
});

describe('a worker that is faster than the request', () => {
  it('a status that the worker wrote is not overwritten', async () => {
    const eager = testApi.environment({
      queue: {
        async sendJobs([job]) {
          await testApi.sql(`update image set status = 'processing', attempt = 1 where id = $1`, [
            job?.imageId,
          ]);
          return [];
        },
      },
    });
    const response = await send(eager);
    expect(response.status).toBe(202);
    expect((await rowOf(response.json.id))?.status).toBe('processing');
  });
});

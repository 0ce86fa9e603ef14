import { createHash } from 'node:crypto';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { directAnswer } from '../../../lambda/api/responses.ts';
import { openBucket } from '../../../lambda/aws/bucket.ts';
import { openQueue } from '../../../lambda/aws/queue.ts';
import { storageClient } from '../../../lambda/aws/storage-client.ts';
import { apiEvent } from './events.ts';
import { expectProblem, expectRetryAfter } from './problems.ts';
import { answerOf, type Environment, openTestApi, settings, type TestApi } from './test-api.ts';

let house: TestApi;
let api: Environment;
beforeAll(async () => {
  house = await openTestApi();
  api = house.environment();
});
afterAll(() => house.close());

const picture = Buffer.from('89504e470d0a1a0aff00', 'hex');
const send = (environment: Environment, more: { query?: Record<string, string>; headers?: object } = {}) =>
  environment.call('POST', '/v1/images', {
    body: picture,
    ...(more.query && { query: more.query }),
    headers: { 'Content-Type': 'image/png', ...more.headers },
  });
const rowOf = async (id: string) =>
  (
    await house.sql<{
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
  (house.cloud.server.inspectQueue(house.cloud.queueName)?.messages.ready ?? []).map(({ body }) =>
    JSON.parse(body),
  );

describe('an image as the body', () => {
  it('is stored unharmed, queued and its job sent', async () => {
    const answer = await send(api);
    expect(answer.status).toBe(202);
    const { id } = directAnswer.parse(answer.json);
    expect(answer.headers.Location).toBe(`/prod/v1/images/${id}`);
    const client = storageClient();
    const stored = await client.send(
      new GetObjectCommand({ Bucket: house.cloud.bucketName, Key: `incoming/acme/${id}` }),
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
    const [row] = await house.sql<{ version: string }>(
      'select original_version as version from image where id = $1',
      [id],
    );
    expect(row?.version).toBe(stored.VersionId);
  });

  it('queues no other image that is awaited, nor one that has expired', async () => {
    const ticket = async () =>
      (
        await api.call('POST', '/v1/images', {
          body: JSON.stringify({ contentType: 'image/png', bytes: 10 }),
          headers: { 'Content-Type': 'application/json' },
        })
      ).json.id as string;
    const [awaited, expired] = [await ticket(), await ticket()];
    await house.sql(`update image set status = 'expired' where id = $1`, [expired]);
    expect((await send(api)).status).toBe(202);
    expect(await rowOf(awaited)).toMatchObject({ status: 'awaiting_upload', enqueued: false });
    expect(await rowOf(expired)).toMatchObject({ status: 'expired', enqueued: false });
  });

  it('takes its presets from the query', async () => {
    const { json } = await send(api, { query: { presets: 'small,large' } });
    expect((await rowOf(json.id))?.presets).toEqual(['small', 'large']);
  });

  it('takes metadata from a header, in the form that a ticket has it', async () => {
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
  ])('is refused for metadata that is %s', async (_, text, path) => {
    const answer = await send(api, { headers: { 'X-Sluice-Metadata': text } });
    expect(expectProblem(answer, 400, 'invalid_request').map((mistake) => mistake.path)).toEqual([path]);
  });

  it.each(['', 'huge', 'small,small', 'small,'])('is refused for the presets "%s"', async (presets) => {
    expectProblem(await send(api, { query: { presets } }), 400, 'invalid_request');
  });

  it('is refused for a parameter that nobody knows', async () => {
    const errors = expectProblem(await send(api, { query: { preset: 'small' } }), 400, 'invalid_request');
    expect(errors[0]?.path).toBe('preset');
  });

  it('is refused for a parameter that is given twice', async () => {
    const event = apiEvent('POST', '/v1/images', {
      key: house.keys.acme,
      headers: { 'Content-Type': 'image/png' },
      query: { presets: 'small' },
      body: picture,
    });
    event.multiValueQueryStringParameters = { presets: ['large', 'small'] };
    const errors = expectProblem(answerOf(await api.handle(event)), 400, 'invalid_request');
    expect(errors).toEqual([{ path: 'presets', detail: 'is given more than once' }]);
  });

  it.each([{}, { 'Content-Type': 'text/plain' }, { 'Content-Type': 'image/heic' }, { 'Content-Type': '' }])(
    'is refused for its type: %o',
    async (headers) => {
      const answer = await api.call('POST', '/v1/images', {
        body: picture,
        headers: headers as Record<string, string>,
      });
      expectProblem(answer, 415, 'unsupported_type');
      expect(answer.text).toContain('application/json');
    },
  );

  it('is refused when it is empty', async () => {
    const headers = { 'Content-Type': 'image/png' };
    expectProblem(await api.call('POST', '/v1/images', { headers }), 400, 'empty_body');
    expectProblem(
      await api.call('POST', '/v1/images', { headers, body: Buffer.alloc(0) }),
      400,
      'empty_body',
    );
  });

  it('is refused when it is too large for a body, with the way to bring it', async () => {
    const small = house.environment({
      settings: { ...settings, uploads: { ...settings.uploads, maxDirectBytes: 9 } },
    });
    const answer = await send(small);
    expectProblem(answer, 413, 'too_large');
    expect(answer.text).toContain('ticket');
  });

  it('is refused when it is too large at all', async () => {
    const small = house.environment({
      settings: { ...settings, limits: { ...settings.limits, maxBytes: 9 } },
    });
    expectProblem(await send(small), 413, 'too_large');
  });

  it('is taken with its type in any case', async () => {
    expect((await send(api, { headers: { 'Content-Type': 'Image/PNG' } })).status).toBe(202);
  });

  it('is refused in words when API Gateway has turned it into text', async () => {
    const headers = { 'Content-Type': 'Image/PNG' };
    const answer = await api.call('POST', '/v1/images', { headers, body: 'damaged' });
    expectProblem(answer, 415, 'unsupported_type');
    expect(answer.json.detail).toContain('received as text');
  });
});

describe('when the storage is away', () => {
  const closed = () => new S3Client({ endpoint: 'http://127.0.0.1:1', forcePathStyle: true, maxAttempts: 1 });

  it('it answers 503, takes the row back and frees the key for the retry', async () => {
    const away = house.environment({ bucket: openBucket({ bucketName: 'pictures', client: closed() }) });
    const headers = { 'Idempotency-Key': 'storage-away' };
    const failed = await send(away, { headers });
    expectProblem(failed, 503, 'storage_unavailable');
    expectRetryAfter(failed, 1, 60);
    const left = await house.sql<{ id: string; status: string }>(
      `select id, status from image where deleted_at is not null`,
    );
    expect(left).toMatchObject([{ status: 'awaiting_upload' }]);
    const retried = await send(api, { headers });
    expect(retried.status).toBe(202);
    expect(retried.json.id).not.toBe(left[0]?.id);
  });
});

describe('when SQS is away', () => {
  it('the image is accepted all the same, and left to the sweep as queued', async () => {
    const client = new SQSClient({ endpoint: 'http://127.0.0.1:1', maxAttempts: 1 });
    const away = house.environment({ queue: openQueue({ queueUrl: house.cloud.queueUrl, client }) });
    const answer = await send(away);
    expect(answer.status).toBe(202);
    expect(await rowOf(answer.json.id)).toMatchObject({ status: 'queued', enqueued: true });
    expect(messages()).not.toContainEqual(expect.objectContaining({ imageId: answer.json.id }));
    expect(house.lines.some(({ message }) => message === 'A job was not sent; the sweep will')).toBe(true);
  });
});

describe('when the worker is faster than the end of the request', () => {
  it('what the worker wrote stays', async () => {
    const eager = house.environment({
      queue: {
        async sendJobs([job]) {
          await house.sql(`update image set status = 'processing', attempt = 1 where id = $1`, [
            job?.imageId,
          ]);
          return [];
        },
      },
    });
    const answer = await send(eager);
    expect(answer.status).toBe(202);
    expect((await rowOf(answer.json.id))?.status).toBe('processing');
  });
});

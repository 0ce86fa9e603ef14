import { createHash } from 'node:crypto';
import { S3Client } from '@aws-sdk/client-s3';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deleteResponse, imageResponse, listResponse } from '../../../lambda/api/schemas/responses.ts';
import { openBucket } from '../../../lambda/aws/bucket.ts';
import { openPresignedDelivery } from '../../../lambda/aws/presigned-delivery.ts';
import { storageClient } from '../../../lambda/aws/storage-client.ts';
import { expectProblem, expectRetryAfter } from './problems.ts';
import { type Environment, openTestApi, type TestApi } from './test-api.ts';

let testApi: TestApi;
let api: Environment;
beforeAll(async () => {
  testApi = await openTestApi();
  api = testApi.environment();
});
afterAll(() => testApi.close());

async function makeTicket(environment = api, key = testApi.keys.acme): Promise<string> {
  const body = { contentType: 'image/png', bytes: 99, metadata: { album: '1' } };
  return (await environment.call('POST', '/v1/images', { body, key })).json.id;
}
const bytes = Buffer.from('an original');
const put = (id: string) =>
  openBucket({ bucketName: testApi.cloud.bucketName }).putOriginal({
    key: `incoming/acme/${id}`,
    bytes,
    contentType: 'image/png',
    sha256: createHash('sha256').update(bytes).digest('hex'),
  });
const makeReady = async (id: string) => {
  await testApi.sql(
    `update image set status = 'ready', content_type = 'image/gif', bytes = 12, width = 30, height = 20, frames = 4,
       placeholder = $2 where id = $1`,
    [id, { color: '#336699', thumbhash: '3OcRJYB4d3h/iIeHeEh3eIhw+j2w' }],
  );
  for (const [preset, format] of [
    ['small', 'jpeg'],
    ['small', 'webp'],
    ['large', 'jpeg'],
  ])
    await testApi.sql(
      `insert into variant values ($1::uuid, $2::text, $3::text, 'image/' || $3::text, 3, 2, 5, repeat('a', 64), 'derived/acme/' || $1::text || '/' || $2::text || $3::text)`,
      [id, preset, format],
    );
};

describe('GET of an image', () => {
  it('GET of an awaited image returns what was declared, and Retry-After', async () => {
    const id = await makeTicket();
    const response = await api.call('GET', `/v1/images/${id}`);
    expect(response.status).toBe(200);
    const image = imageResponse.parse(response.json);
    expect(image).toMatchObject({
      id,
      status: 'awaiting_upload',
      original: { contentType: 'image/png', bytes: 99, width: null, height: null, frames: null },
      presets: ['large', 'medium', 'small'],
      metadata: { album: '1' },
      variants: [],
    });
    expect(image.error).toBeUndefined();
    expectRetryAfter(response, 1, 30);
  });

  it('GET of an awaited image whose original has arrived returns queued, and records it for the sweep', async () => {
    const id = await makeTicket();
    await put(id);
    expect((await api.call('GET', `/v1/images/${id}`)).json.status).toBe('queued');
    const rows = await testApi.sql(
      'select status, enqueued_at is not null as enqueued from image where id = $1',
      [id],
    );
    expect(rows).toEqual([{ status: 'queued', enqueued: true }]);
  });

  it('GET does not change an image that a worker has claimed meanwhile', async () => {
    const id = await makeTicket();
    const eager = testApi.environment({
      bucket: {
        async headOriginal() {
          await testApi.sql(`update image set status = 'processing', attempt = 1 where id = $1`, [id]);
          return { bytes: 10, contentType: 'image/png' };
        },
        putOriginal: async () => undefined,
      },
    });
    expect((await eager.call('GET', `/v1/images/${id}`)).status).toBe(200);
    expect(await testApi.sql('select status from image where id = $1', [id])).toEqual([
      { status: 'processing' },
    ]);
  });

  it('GET of an awaited image succeeds while the bucket is unavailable', async () => {
    const client = storageClient({ endpoint: 'http://127.0.0.1:1', maxAttempts: 1 });
    const unavailable = testApi.environment({ bucket: openBucket({ bucketName: 'pictures', client }) });
    const response = await unavailable.call('GET', `/v1/images/${await makeTicket()}`);
    expect(response.json.status).toBe('awaiting_upload');
    expect(testApi.lines.some(({ message }) => message.startsWith('The bucket could not be asked'))).toBe(
      true,
    );
  });

  it('GET of a ready image returns its properties and variants in the requested order, without Retry-After', async () => {
    const id = await makeTicket();
    await makeReady(id);
    const response = await api.call('GET', `/v1/images/${id}`);
    const image = imageResponse.parse(response.json);
    expect(image.original).toEqual({ contentType: 'image/gif', bytes: 12, width: 30, height: 20, frames: 4 });
    expect(image.placeholder).toEqual({ color: '#336699', thumbhash: '3OcRJYB4d3h/iIeHeEh3eIhw+j2w' });
    expect(image.variants.map(({ preset, format }) => `${preset} ${format}`)).toEqual([
      'large jpeg',
      'small webp',
      'small jpeg',
    ]);
    expect(image.variants[0]?.url).toMatch(/\/pictures\/derived\/acme\/.*X-Amz-Signature=/);
    expect(response.headers['Retry-After']).toBeUndefined();
  });

  it('GET of a rejected image returns the code and the reason', async () => {
    const id = await makeTicket();
    await testApi.sql(
      `update image set status = 'rejected', error_code = 'corrupt_image', error_detail = 'It ends early.' where id = $1`,
      [id],
    );
    const { json } = await api.call('GET', `/v1/images/${id}`);
    expect(imageResponse.parse(json).error).toEqual({ code: 'corrupt_image', detail: 'It ends early.' });
  });

  it('the ETag of an unchanged image saves the body', async () => {
    const id = await makeTicket();
    const get = (etag?: string) =>
      api.call('GET', `/v1/images/${id}`, { headers: etag === undefined ? {} : { 'if-none-match': etag } });
    const { ETag = '', 'Cache-Control': cache } = (await get()).headers;
    expect(cache).toBe('private, no-cache');
    for (const condition of [ETag, `W/${ETag}`, `"other", ${ETag}`, '*']) {
      const same = await get(condition);
      expect(same).toMatchObject({ status: 304, text: '' });
      expect(same.headers.ETag).toBe(ETag);
      expectRetryAfter(same, 1, 30);
    }
    expect((await get('"other"')).status).toBe(200);
    await put(id);
    expect((await get(ETag)).status).toBe(200);
  });

  it('the ETag is the same whoever signed the URLs, and changes with their expiry', async () => {
    const id = await makeTicket();
    await makeReady(id);
    const client = (sessionToken: string) =>
      new S3Client({
        region: 'eu-central-1',
        credentials: { accessKeyId: 'a', secretAccessKey: 'b', sessionToken },
      });
    let now = Date.parse('2030-01-01T10:16:00Z');
    const get = async (token: string) => {
      const delivery = openPresignedDelivery({
        bucketName: 'pictures',
        client: client(token),
        now: () => now,
        startedAt: Date.parse('2030-01-01T10:00:00Z'),
      });
      return testApi.environment({ delivery }).call('GET', `/v1/images/${id}`);
    };
    const [one, two] = [await get('one'), await get('two')];
    expect(one.text).not.toBe(two.text);
    expect(one.headers.ETag).toBe(two.headers.ETag);
    const { variants } = imageResponse.parse(one.json);
    expect(variants[0]?.urlExpiresAt).toBe('2030-01-01T11:30:00.000Z');
    now += 15 * 60_000;
    expect((await get('one')).headers.ETag).not.toBe(one.headers.ETag);
  });

  it.each([uuidv7(), 'nonsense', '%2e%2e', "' or 1=1", uuidv7().toUpperCase()])(
    'GET of an image that does not exist returns 404: %s',
    async (id) => {
      expectProblem(await api.call('GET', `/v1/images/${id}`), 404, 'not_found');
      expectProblem(await api.call('DELETE', `/v1/images/${id}`), 404, 'not_found');
    },
  );

  it('GET of another tenant’s image returns the 404 of an image that does not exist', async () => {
    const id = await makeTicket();
    const key = testApi.keys.other;
    const theirs = await api.call('GET', `/v1/images/${id}`, { key });
    const nobodys = await api.call('GET', `/v1/images/${uuidv7()}`, { key });
    expectProblem(theirs, 404, 'not_found');
    expect(theirs.json.detail).toBe(nobodys.json.detail);
    expectProblem(await api.call('DELETE', `/v1/images/${id}`, { key }), 404, 'not_found');
    expect((await api.call('GET', `/v1/images/${id}`)).status).toBe(200);
  });
});

describe('DELETE', () => {
  it('DELETE hides the image at once, fences off a job in progress, and can be repeated', async () => {
    const id = await makeTicket();
    await testApi.sql(`update image set status = 'processing', attempt = 4 where id = $1`, [id]);
    const first = await api.call('DELETE', `/v1/images/${id}`);
    expect(first.status).toBe(202);
    expect(deleteResponse.parse(first.json)).toEqual({ id });
    expectProblem(await api.call('GET', `/v1/images/${id}`), 404, 'not_found');
    const fence = 'select deleted_at, attempt from image where id = $1';
    const after = await testApi.sql<{ deleted_at: Date; attempt: number }>(fence, [id]);
    expect(after).toMatchObject([{ deleted_at: expect.any(Date), attempt: 5 }]);
    expect((await api.call('DELETE', `/v1/images/${id}`)).status).toBe(202);
    expect(await testApi.sql(fence, [id])).toEqual(after);
  });
});

describe('the list of images', () => {
  let tenantKey: string;
  let ids: string[];
  beforeAll(async () => {
    tenantKey = testApi.keys.other;
    ids = [];
    for (let n = 0; n < 7; n++) ids.unshift(await makeTicket(api, tenantKey));
    await testApi.sql(`update image set status = 'ready' where id = any ($1)`, [[ids[2], ids[5]]]);
  });
  const list = async (query: Record<string, string> = {}) => {
    const response = await api.call('GET', '/v1/images', { key: tenantKey, query });
    expect(response.status).toBe(200);
    return listResponse.parse(response.json);
  };

  it('the list contains a tenant’s own images, newest first', async () => {
    const { images, nextCursor } = await list();
    expect(images.map(({ id }) => id)).toEqual(ids);
    expect(nextCursor).toBeNull();
  });

  it('pages neither repeat nor omit an image, even if new ones are added', async () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    const sizes: number[] = [];
    do {
      const page: Awaited<ReturnType<typeof list>> = await list({
        limit: '3',
        ...(cursor !== null && { cursor }),
      });
      seen.push(...page.images.map(({ id }) => id));
      sizes.push(page.images.length);
      cursor = page.nextCursor;
      if (sizes.length === 1) await makeTicket(api, tenantKey);
    } while (cursor !== null);
    expect(seen).toEqual(ids);
    expect(sizes).toEqual([3, 3, 1]);
  });

  it('a full last page has no cursor', async () => {
    expect((await list({ status: 'ready', limit: '2' })).nextCursor).toBeNull();
  });

  it('the list can be filtered by status', async () => {
    expect((await list({ status: 'ready' })).images.map(({ id }) => id)).toEqual([ids[2], ids[5]]);
    expect((await list({ status: 'failed' })).images).toEqual([]);
  });

  it('the list omits deleted images', async () => {
    const id = await makeTicket(api, tenantKey);
    await api.call('DELETE', `/v1/images/${id}`, { key: tenantKey });
    expect((await list({ limit: '100' })).images.map((image) => image.id)).not.toContain(id);
  });

  it('another tenant’s cursor returns only one’s own images', async () => {
    await makeTicket();
    const mine = await api.call('GET', '/v1/images', { query: { limit: '1' } });
    const { nextCursor } = listResponse.parse(mine.json);
    const { images } = await list({ cursor: nextCursor ?? '', limit: '100' });
    expect(images.map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
    const theirs = await testApi.sql<{ id: string }>(`select id from image where tenant_id = 'other'`);
    for (const { id } of images) expect(theirs).toContainEqual({ id });
  });

  it.each([
    ['limit', '0'],
    ['limit', '101'],
    ['limit', '-1'],
    ['limit', '1e1'],
    ['limit', ''],
    ['status', 'done'],
    ['cursor', 'x'],
    ['cursor', ''],
    ['cursor', Buffer.from(`2:${uuidv7()}`).toString('base64url')],
    ['cursor', `${Buffer.from(`1:${uuidv7()}`).toString('base64url')}=`],
    ['cursor', Buffer.from("1:' or 1=1 --").toString('base64url')],
    ['page', '2'],
  ])('the list refuses %s=%s', async (name, value) => {
    const response = await api.call('GET', '/v1/images', { query: { [name]: value } });
    const errors = expectProblem(response, 400, 'invalid_request');
    expect(errors.map(({ path }) => path)).toEqual([name]);
  });

  it('every mistake of a query is reported at once', async () => {
    const response = await api.call('GET', '/v1/images', { query: { limit: 'x', status: 'y', cursor: '?' } });
    expect(expectProblem(response, 400, 'invalid_request')).toHaveLength(3);
  });
});

import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, openClient } from '../support/client.ts';
import { smallPhoto } from '../support/pictures.ts';
import { startTestPipeline, type TestPipeline } from '../support/pipeline.ts';

/* Bad input and repeated requests as a producer meets them: plain HTTP to the running pipeline. */
describe('the front door', () => {
  let pipeline: TestPipeline;
  let client: Client;
  let photo: Buffer;
  beforeAll(async () => {
    pipeline = await startTestPipeline({
      limits: { maxBytes: 200_000 },
      uploads: { maxDirectBytes: 100_000 },
    });
    client = openClient(pipeline.url, pipeline.apiKey);
    photo = await smallPhoto(7);
  });
  afterAll(() => pipeline?.stop());

  const json = { 'content-type': 'application/json' };
  const jpeg = { 'content-type': 'image/jpeg' };
  const ticket = (body: unknown) => ({ body: JSON.stringify(body), headers: json });

  it.each([
    ['malformed JSON', { body: '{"contentType":', headers: json }, 400, 'malformed_json'],
    ['wrong types', ticket({ contentType: 7, bytes: 'many' }), 400, 'invalid_request'],
    [
      'an unknown preset',
      ticket({ contentType: 'image/jpeg', bytes: 9, presets: ['huge'] }),
      400,
      'invalid_request',
    ],
    ['a type that is not an image', ticket({ contentType: 'text/html', bytes: 9 }), 415, 'unsupported_type'],
    [
      'a body of another type',
      { body: 'text', headers: { 'content-type': 'text/plain' } },
      415,
      'unsupported_type',
    ],
    ['0 bytes announced', ticket({ contentType: 'image/jpeg', bytes: 0 }), 400, 'invalid_request'],
    ['0 bytes sent', { headers: jpeg }, 400, 'empty_body'],
    ['too many bytes announced', ticket({ contentType: 'image/jpeg', bytes: 200_001 }), 413, 'too_large'],
    ['too many bytes sent', { body: new Uint8Array(100_001), headers: jpeg }, 413, 'too_large'],
    [
      'a wrong key',
      { ...ticket({}), headers: { ...json, authorization: 'Bearer sluice_wrong' } },
      401,
      'unauthenticated',
    ],
    ['no key', { ...ticket({}), headers: { ...json, authorization: '' } }, 401, 'unauthenticated'],
  ])('answers %s with a problem document', async (_what, init, status, code) => {
    const response = await client.call('POST', '/v1/images', init);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    const problem = await response.json();
    expect(problem).toMatchObject({ status, code, title: expect.any(String), detail: expect.any(String) });
    expect(JSON.stringify(problem)).not.toMatch(/\bat .*\.[mj]?[jt]s\b|node_modules|\/lambda\//);
  });

  it("answers another tenant's image like one that never was", async () => {
    const key = `sluice_${randomUUID()}`;
    await pipeline.sql.query("insert into tenant (id) values ('other')");
    const hash = createHash('sha256').update(key).digest();
    await pipeline.sql.query("insert into api_key (sha256, tenant_id) values ($1, 'other')", [hash]);
    const id = await client.direct(photo);
    const other = openClient(pipeline.url, key);
    for (const unseen of [id, randomUUID()]) {
      for (const method of ['GET', 'DELETE']) {
        const response = await other.call(method, `/v1/images/${unseen}`);
        expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([
          404,
          'not_found',
        ]);
      }
    }
    expect((await client.finished(id)).status).toBe('ready');
  });

  it('lets no file through the presigned POST that is larger than announced, nor an empty one', async () => {
    const small = await client.ticket('image/jpeg', 100);
    expect(await client.post(small, photo)).toMatchObject({
      status: 400,
      text: expect.stringContaining('EntityTooLarge'),
    });
    expect(await client.post(small, new Uint8Array())).toMatchObject({
      status: 400,
      text: expect.stringContaining('EntityTooSmall'),
    });
    expect((await client.get(small.id)).status).toBe('awaiting_upload');
  });

  it.each([
    ['a broken image', () => photo.subarray(0, photo.length / 2), {}, 'corrupt_image'],
    [
      'a renamed text',
      () => Buffer.from('this was never a photograph, whatever its name says'),
      {},
      'unsupported_type',
    ],
    ['other bytes than were promised', () => photo, { sha256: 'ab'.repeat(32) }, 'checksum_mismatch'],
  ])('rejects %s on its first receive, and makes the next image', async (_what, bytes, more, code) => {
    const rejected = await client.finished(await client.upload(bytes(), 'image/jpeg', more));
    expect(rejected).toMatchObject({
      status: 'rejected',
      error: { code, detail: expect.any(String) },
      variants: [],
    });
    const { rows } = await pipeline.sql.query('select attempt from image where id = $1', [rejected.id]);
    expect(rows).toEqual([{ attempt: 1 }]);
    expect((await client.finished(await client.upload(photo))).status).toBe('ready');
  });

  it('measures again in the worker what came past the API and the policy', async () => {
    const { id } = await client.ticket('image/jpeg', 200_000);
    await pipeline.putObject(`incoming/local/${id}`, Buffer.alloc(200_001, 1));
    // The bucket announces posts only, so the message is sent as the sweep would.
    await pipeline.sendJob(id);
    expect(await client.finished(id)).toMatchObject({
      status: 'rejected',
      error: { code: 'file_too_large' },
    });
  });

  it('answers a repeated Idempotency-Key with the same answer, and another body with 422', async () => {
    const headers = { ...jpeg, 'idempotency-key': 'order 66' };
    const once = await client.call('POST', '/v1/images', { body: photo, headers });
    const twice = await client.call('POST', '/v1/images', { body: photo, headers });
    expect([once.status, twice.status]).toEqual([202, 202]);
    expect(await twice.json()).toEqual(await once.json());
    const reused = await client.call('POST', '/v1/images', { body: await smallPhoto(8), headers });
    expect([reused.status, ((await reused.json()) as { code: string }).code]).toEqual([
      422,
      'idempotency_key_reused',
    ]);
  });

  it('forgets a deleted image at once, and lists the others newest first', async () => {
    const ids = [await client.direct(photo), await client.direct(photo), await client.direct(photo)];
    const [, middle = ''] = ids;
    expect((await client.call('DELETE', `/v1/images/${middle}`)).status).toBe(202);
    expect((await client.call('GET', `/v1/images/${middle}`)).status).toBe(404);
    const list = (await (await client.call('GET', '/v1/images?limit=2')).json()) as {
      images: { id: string }[];
    };
    expect(list.images.map(({ id }) => id)).toEqual([ids[2], ids[0]]);
  });
});

import { createHash, randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { openClient } from '../support/client.ts';
import { smallPhoto } from '../support/pictures.ts';
import { behaviour } from './support/behaviour.ts';
import { calm, depth, holds } from './support/queues.ts';

const jpeg = { 'content-type': 'image/jpeg' };

behaviour(
  'a repeated Idempotency-Key returns the same response, and with another body 422',
  {
    on: ['local', 'localstack', 'aws'],
    proves: 'a producer can repeat a request without creating a second image',
  },
  async ({ client, sql }) => {
    const photo = await smallPhoto(11);
    const headers = { ...jpeg, 'idempotency-key': `order ${randomUUID()}` };
    const once = await client.call('POST', '/v1/images', { body: photo, headers });
    const twice = await client.call('POST', '/v1/images', { body: photo, headers });
    expect([once.status, twice.status]).toEqual([202, 202]);
    const first = (await once.json()) as { id: string };
    expect(await twice.json()).toEqual(first);
    const reused = await client.call('POST', '/v1/images', { body: await smallPhoto(12), headers });
    expect(reused.status).toBe(422);
    expect(await reused.json()).toMatchObject({ code: 'idempotency_key_reused' });
    expect((await client.finished(first.id)).status).toBe('ready');
    const made = await sql.query('select 1 from image where bytes = $1 and id >= $2', [
      photo.length,
      first.id,
    ]);
    expect(made.rowCount).toBe(1);
  },
);

behaviour(
  'a damaged image and a renamed text file are rejected on the first receive',
  {
    on: ['local', 'localstack', 'aws'],
    proves: 'an invalid image ends with a code, is not retried and does not reach the dead-letter queue',
  },
  async (target) => {
    const { client, sql } = target;
    await calm(target);
    const photo = await smallPhoto(13);
    const broken = [
      { bytes: photo.subarray(0, photo.length / 2), code: 'corrupt_image' },
      { bytes: Buffer.from('this was never a photograph'), code: 'unsupported_type' },
    ];
    for (const { bytes, code } of broken) {
      const image = await client.finished(await client.upload(bytes));
      expect(image).toMatchObject({ status: 'rejected', error: { code }, variants: [] });
      const { rows } = await sql.query('select attempt from image where id = $1', [image.id]);
      expect(rows).toEqual([{ attempt: 1 }]);
    }
    expect((await client.finished(await client.upload(photo))).status).toBe('ready');
    await holds(target, 'jobs', 0);
    expect(await depth(target, 'deadLetters')).toBe(0);
  },
);

behaviour(
  'a tenant lists its own images, newest first, and cannot see those of others',
  { on: ['local', 'localstack', 'aws'], proves: 'isolation of tenants; paging' },
  async ({ client, sql, url }) => {
    const key = `sluice_${randomUUID()}`;
    const tenant = `other-${randomUUID()}`;
    await sql.query('insert into tenant (id) values ($1)', [tenant]);
    const hash = createHash('sha256').update(key).digest();
    await sql.query('insert into api_key (sha256, tenant_id) values ($1, $2)', [hash, tenant]);
    const other = openClient(url, key);
    const list = async (path: string) =>
      (await (await client.call('GET', path)).json()) as { images: { id: string }[]; nextCursor: string };

    const photo = await smallPhoto(14);
    const ids = [await client.direct(photo), await client.direct(photo), await client.direct(photo)];
    const page = await list('/v1/images?limit=2');
    expect(page.images.map(({ id }) => id)).toEqual([ids[2], ids[1]]);
    const next = await list(`/v1/images?limit=1&cursor=${encodeURIComponent(page.nextCursor)}`);
    expect(next.images.map(({ id }) => id)).toEqual([ids[0]]);

    expect(await (await other.call('GET', '/v1/images')).json()).toMatchObject({ images: [] });
    for (const method of ['GET', 'DELETE'])
      expect((await other.call(method, `/v1/images/${ids[0]}`)).status).toBe(404);
    const edit = { body: '{}', headers: { 'content-type': 'application/json', 'if-match': '*' } };
    expect((await other.call('PATCH', `/v1/images/${ids[0]}`, edit)).status).toBe(404);
    expect((await client.finished(ids[0] ?? '')).status).toBe('ready');
  },
);

behaviour(
  'HEAD works wherever GET does, OPTIONS returns what a page may send, any other method is 405 with Allow',
  {
    on: ['local', 'localstack', 'aws'],
    proves: 'the function decides which methods a path allows, behind each gateway',
  },
  async ({ client, url }) => {
    const head = await client.call('HEAD', '/v1/presets');
    expect([head.status, await head.text()]).toEqual([200, '']);
    const origin = { origin: 'https://shop.example' };
    const preflight = await fetch(`${url}/v1/images`, {
      method: 'OPTIONS',
      headers: { ...origin, 'access-control-request-method': 'POST' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
    expect(preflight.headers.get('access-control-allow-headers')).toContain('Authorization');
    const refused = await client.call('PUT', '/v1/images/1', { headers: origin });
    expect([refused.status, refused.headers.get('allow')]).toEqual([
      405,
      'GET, HEAD, PATCH, DELETE, OPTIONS',
    ]);
    expect(await refused.json()).toMatchObject({ code: 'method_not_allowed' });
    // This path has its own POST method in addition to ANY.
    const put = await client.call('PUT', '/v1/images');
    expect([put.status, put.headers.get('allow')]).toEqual([405, 'POST, GET, HEAD, OPTIONS']);
    expect(refused.headers.get('access-control-expose-headers')).toContain('Retry-After');
  },
);

behaviour(
  'without a valid key the API returns 401',
  { on: ['local', 'localstack', 'aws'], proves: 'every request needs a key' },
  async ({ url }) => {
    const stranger = openClient(url, 'sluice_wrong');
    const response = await stranger.call('GET', '/v1/images');
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ code: 'unauthenticated' });
  },
);

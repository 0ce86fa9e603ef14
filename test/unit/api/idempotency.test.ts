import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ApiParts } from '../../../lambda/api/http/endpoint.ts';
import { abandonDirectUpload } from '../../../lambda/postgres/images/direct-uploads.ts';
import { expectProblem, expectRetryAfter } from './problems.ts';
import { type ApiResponse, type Environment, openDatabase, openTestApi, type TestApi } from './test-api.ts';

let testApi: TestApi;
let api: Environment;
beforeAll(async () => {
  testApi = await openTestApi();
  api = testApi.environment();
});
afterAll(() => testApi.close());
beforeEach(() => testApi.sql('delete from idempotency_key; delete from image'));

const picture = Buffer.from('89504e470d0a1a0aff00', 'hex');
/** The two forms of POST with the same key. */
const forms = {
  JSON: (environment: Environment, more: object = {}, key = 'k1') =>
    environment.call('POST', '/v1/images', {
      body: { contentType: 'image/png', bytes: 10, ...more },
      headers: { 'Idempotency-Key': key },
    }),
  direct: (
    environment: Environment,
    more: { body?: Uint8Array; query?: Record<string, string> } = {},
    key = 'k1',
  ) =>
    environment.call('POST', '/v1/images', {
      body: picture,
      ...more,
      headers: { 'Content-Type': 'image/png', 'idempotency-key': key },
    }),
};
const countImages = async () =>
  (await testApi.sql<{ n: number }>('select count(*)::int as n from image'))[0]?.n;
/** The parts that two responses must share: all but the signature of a form. */
const essence = ({ status, json: { upload, ...rest }, headers: { Location } }: ApiResponse) => {
  const { fields = {}, ...form } = (upload ?? {}) as { fields?: Record<string, string> };
  const stable = Object.entries(fields).filter(([name]) => !/^(?:X-Amz-|Policy)/.test(name));
  return { status, rest, form, fields: Object.fromEntries(stable), Location };
};

describe.each(['JSON', 'direct'] as const)('the %s form', (form) => {
  const send = forms[form];

  it('the same key and body return the same response and create one image', async () => {
    const first = await send(api);
    expect([201, 202]).toContain(first.status);
    const second = await send(testApi.environment());
    expect(essence(second)).toEqual(essence(first));
    expect(second.headers['Idempotency-Replayed']).toBe('true');
    expect(first.headers['Idempotency-Replayed']).toBeUndefined();
    expect(await countImages()).toBe(1);
  });

  it('ten concurrent requests in ten environments create one image; each gets its response or a 409', async () => {
    const environments = Array.from({ length: 10 }, () => testApi.environment());
    // A request each opens the connections first, so that the ten meet in the database.
    await Promise.all(environments.map((one) => one.call('GET', '/v1/images', { query: { limit: '1' } })));
    const responses = await Promise.all(environments.map((one) => send(one)));
    const completed = responses.filter(({ status }) => status !== 409);
    expect(completed.length).toBeGreaterThan(0);
    expect(new Set(completed.map((one) => JSON.stringify(essence(one)))).size).toBe(1);
    for (const running of responses.filter(({ status }) => status === 409)) {
      expectProblem(running, 409, 'request_in_progress');
      expectRetryAfter(running, 1, 1);
    }
    expect(await countImages()).toBe(1);
    expect(essence(await send(api))).toEqual(essence(completed[0] as ApiResponse));
  });

  it('keys of different tenants are independent', async () => {
    const mine = await send(api);
    const body = { contentType: 'image/png', bytes: 10 };
    const theirs = await api.call('POST', '/v1/images', {
      key: testApi.keys.other,
      body,
      headers: { 'Idempotency-Key': 'k1' },
    });
    expect(theirs.status).toBe(201);
    expect(theirs.json.id).not.toBe(mine.json.id);
  });

  it('an expired key creates a new image', async () => {
    const first = await send(api);
    const stored = await testApi.sql<{ hours: number }>(
      'select extract(epoch from expires_at - now())::int / 3600.0 as hours from idempotency_key',
    );
    expect(Number(stored[0]?.hours)).toBeCloseTo(24, 1);
    await testApi.sql(`update idempotency_key set expires_at = now() - interval '1 second'`);
    const second = await send(api);
    expect(second.status).toBe(first.status);
    expect(second.json.id).not.toBe(first.json.id);
    expect(essence(await send(api))).toEqual(essence(second));
  });

  it('a refused request stores nothing', async () => {
    const headers = {
      'Idempotency-Key': 'k1',
      'Content-Type': form === 'JSON' ? 'application/json' : 'image/png',
    };
    expect((await api.call('POST', '/v1/images', { headers })).status).toBe(400);
    expect([201, 202]).toContain((await send(api)).status);
  });
});

describe('a key with a different request', () => {
  it('a key with a different body is refused', async () => {
    await forms.JSON(api);
    expectProblem(await forms.JSON(api, { bytes: 11 }), 422, 'idempotency_key_reused');
    await forms.direct(api, {}, 'k2');
    expectProblem(
      await forms.direct(api, { body: Buffer.from('other') }, 'k2'),
      422,
      'idempotency_key_reused',
    );
  });

  it('a key with a different query is refused', async () => {
    await forms.direct(api, { query: { presets: 'small' } });
    expectProblem(await forms.direct(api), 422, 'idempotency_key_reused');
  });

  it('a key with different metadata in the header is refused', async () => {
    const post = (metadata: string) =>
      api.call('POST', '/v1/images', {
        body: picture,
        headers: { 'Content-Type': 'image/png', 'Idempotency-Key': 'k1', 'X-Sluice-Metadata': metadata },
      });
    expect((await post('{"a":"1"}')).status).toBe(202);
    expect((await post('{"a":"1"}')).status).toBe(202);
    expectProblem(await post('{"a":"2"}'), 422, 'idempotency_key_reused');
    expectProblem(await forms.direct(api), 422, 'idempotency_key_reused');
  });

  it.each(['image/jpeg', 'application/json'])(
    'a key with only another content type is refused: %s',
    async (type) => {
      const body = Buffer.from(JSON.stringify({ contentType: 'image/png', bytes: 10 }));
      const post = (contentType: string) =>
        api.call('POST', '/v1/images', {
          body,
          headers: { 'Content-Type': contentType, 'Idempotency-Key': 'k1' },
        });
      expect((await post('image/png')).status).toBe(202);
      expectProblem(await post(type), 422, 'idempotency_key_reused');
    },
  );
});

describe('the form of a key', () => {
  it.each(['', 'x'.repeat(256), 'tab\there', 'é'])('the key "%s" is malformed', async (key) => {
    expectProblem(await forms.JSON(api, {}, key), 400, 'invalid_idempotency_key');
  });

  it('a key of 255 printable characters is accepted', async () => {
    expect((await forms.JSON(api, {}, `${'~ '.repeat(127)}!`)).status).toBe(201);
  });
});

describe('a direct upload', () => {
  it('a direct upload in progress returns 409 to a repeated request, and its own response afterwards', async () => {
    const reached = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const slow: ApiParts['queue'] = {
      async sendJobs() {
        reached.resolve();
        await goOn.promise;
        return [];
      },
    };
    const first = forms.direct(testApi.environment({ queue: slow }));
    await reached.promise;
    const running = await forms.direct(api);
    expectProblem(running, 409, 'request_in_progress');
    expectRetryAfter(running, 1, 1);
    expectProblem(await forms.direct(api, { body: Buffer.from('other') }), 422, 'idempotency_key_reused');
    goOn.resolve();
    const response = await first;
    expect(response.status).toBe(202);
    expect(essence(await forms.direct(api))).toEqual(essence(response));
  });

  /** A request that is killed after writing its row, without cleanup. */
  async function die(): Promise<string> {
    const reached = Promise.withResolvers<void>();
    const dead: ApiParts['queue'] = {
      sendJobs() {
        reached.resolve();
        return new Promise(() => {});
      },
    };
    void forms.direct(testApi.environment({ queue: dead }));
    await reached.promise;
    return (await testApi.sql<{ id: string }>('select id from image'))[0]?.id ?? '';
  }

  it('a direct upload that crashed holds its key until its lock expires, and Retry-After says how long', async () => {
    await die();
    await testApi.sql(`update idempotency_key set locked_until = now() + interval '30 seconds'`);
    const held = await forms.direct(api);
    expectProblem(held, 409, 'request_in_progress');
    expectRetryAfter(held, 29, 30);
  });

  it('a retry takes over a direct upload that crashed, with the same image', async () => {
    const id = await die();
    await testApi.sql(`update idempotency_key set locked_until = now() - interval '1 second'`);
    expectProblem(await forms.direct(api, { body: Buffer.from('other') }), 422, 'idempotency_key_reused');
    const responses = await Promise.all([forms.direct(api), forms.direct(testApi.environment())]);
    expect(responses.map(({ status }) => status)).toContain(202);
    expect(responses.find(({ status }) => status === 202)?.json.id).toBe(id);
    expect(await testApi.sql('select id, status from image')).toEqual([{ id, status: 'queued' }]);
    expect((await forms.direct(api)).json.id).toBe(id);
  });

  it('a retry of a direct upload that crashed creates a new image if the first one was deleted', async () => {
    const id = await die();
    expect((await api.call('DELETE', `/v1/images/${id}`)).status).toBe(202);
    await testApi.sql(`update idempotency_key set locked_until = now() - interval '1 second'`);
    const retried = await forms.direct(api);
    expect(retried.status).toBe(202);
    expect(retried.json.id).not.toBe(id);
    expect((await api.call('GET', `/v1/images/${retried.json.id}`)).json.status).toBe('queued');
    expect((await forms.direct(api)).json.id).toBe(retried.json.id);
  });

  it('a direct upload that fails late does not undo the retry that took it over', async () => {
    const imageId = await die();
    await testApi.sql(`update idempotency_key set locked_until = now() - interval '1 second'`);
    const retried = await forms.direct(api);
    // The retry may have responded without recording that the image is queued.
    await testApi.sql(`update image set status = 'awaiting_upload'`);
    const database = openDatabase(testApi.database);
    await database.run((connection) =>
      abandonDirectUpload(connection, { tenant: 'acme', imageId, key: 'k1' }),
    );
    await database.close();
    expect(await testApi.sql('select deleted_at from image')).toEqual([{ deleted_at: null }]);
    expect(essence(await forms.direct(api))).toEqual(essence(retried));
  });
});

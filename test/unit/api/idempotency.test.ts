import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ApiParts } from '../../../lambda/api/endpoint.ts';
import { abandonDirectUpload } from '../../../lambda/postgres/images/direct-uploads.ts';
import { expectProblem, expectRetryAfter } from './problems.ts';
import { type Answer, type Environment, openDatabase, openTestApi, type TestApi } from './test-api.ts';

let house: TestApi;
let api: Environment;
beforeAll(async () => {
  house = await openTestApi();
  api = house.environment();
});
afterAll(() => house.close());
beforeEach(() => house.sql('delete from idempotency_key; delete from image'));

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
  (await house.sql<{ n: number }>('select count(*)::int as n from image'))[0]?.n;
/** What must be the same of two answers: all, but a form is signed again. */
const essence = ({ status, json: { upload, ...rest }, headers: { Location } }: Answer) => {
  const { fields = {}, ...form } = (upload ?? {}) as { fields?: Record<string, string> };
  const kept = Object.entries(fields).filter(([name]) => !/^(?:X-Amz-|Policy)/.test(name));
  return { status, rest, form, fields: Object.fromEntries(kept), Location };
};

describe.each(['JSON', 'direct'] as const)('the %s form', (form) => {
  const send = forms[form];

  it('answers the same key and body the same, and makes one row', async () => {
    const first = await send(api);
    expect([201, 202]).toContain(first.status);
    const second = await send(house.environment());
    expect(essence(second)).toEqual(essence(first));
    expect(second.headers['Idempotency-Replayed']).toBe('true');
    expect(first.headers['Idempotency-Replayed']).toBeUndefined();
    expect(await countImages()).toBe(1);
  });

  it('of ten at once in ten environments makes one row; each gets its answer or is asked to come back', async () => {
    const environments = Array.from({ length: 10 }, () => house.environment());
    // A request each beforehand opens the connections, so that the ten meet in the database.
    await Promise.all(environments.map((one) => one.call('GET', '/v1/images', { query: { limit: '1' } })));
    const answers = await Promise.all(environments.map((one) => send(one)));
    const answered = answers.filter(({ status }) => status !== 409);
    expect(answered.length).toBeGreaterThan(0);
    expect(new Set(answered.map((one) => JSON.stringify(essence(one)))).size).toBe(1);
    for (const running of answers.filter(({ status }) => status === 409)) {
      expectProblem(running, 409, 'request_in_progress');
      expectRetryAfter(running, 1, 1);
    }
    expect(await countImages()).toBe(1);
    expect(essence(await send(api))).toEqual(essence(answered[0] as Answer));
  });

  it('keeps the keys of tenants apart', async () => {
    const mine = await send(api);
    const body = { contentType: 'image/png', bytes: 10 };
    const theirs = await api.call('POST', '/v1/images', {
      key: house.keys.other,
      body,
      headers: { 'Idempotency-Key': 'k1' },
    });
    expect(theirs.status).toBe(201);
    expect(theirs.json.id).not.toBe(mine.json.id);
  });

  it('makes a new image when the time of the key is over', async () => {
    const first = await send(api);
    const kept = await house.sql<{ hours: number }>(
      'select extract(epoch from expires_at - now())::int / 3600.0 as hours from idempotency_key',
    );
    expect(Number(kept[0]?.hours)).toBeCloseTo(24, 1);
    await house.sql(`update idempotency_key set expires_at = now() - interval '1 second'`);
    const second = await send(api);
    expect(second.status).toBe(first.status);
    expect(second.json.id).not.toBe(first.json.id);
    expect(essence(await send(api))).toEqual(essence(second));
  });

  it('keeps nothing of a request that was refused', async () => {
    const headers = {
      'Idempotency-Key': 'k1',
      'Content-Type': form === 'JSON' ? 'application/json' : 'image/png',
    };
    expect((await api.call('POST', '/v1/images', { headers })).status).toBe(400);
    expect([201, 202]).toContain((await send(api)).status);
  });
});

describe('a key of another request is refused', () => {
  it('when the body differs', async () => {
    await forms.JSON(api);
    expectProblem(await forms.JSON(api, { bytes: 11 }), 422, 'idempotency_key_reused');
    await forms.direct(api, {}, 'k2');
    expectProblem(
      await forms.direct(api, { body: Buffer.from('other') }, 'k2'),
      422,
      'idempotency_key_reused',
    );
  });

  it('when the query differs', async () => {
    await forms.direct(api, { query: { presets: 'small' } });
    expectProblem(await forms.direct(api), 422, 'idempotency_key_reused');
  });

  it('when the metadata in the header differ', async () => {
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

  it.each(['image/jpeg', 'application/json'])('when the type alone differs: %s', async (type) => {
    const body = Buffer.from(JSON.stringify({ contentType: 'image/png', bytes: 10 }));
    const post = (contentType: string) =>
      api.call('POST', '/v1/images', {
        body,
        headers: { 'Content-Type': contentType, 'Idempotency-Key': 'k1' },
      });
    expect((await post('image/png')).status).toBe(202);
    expectProblem(await post(type), 422, 'idempotency_key_reused');
  });
});

describe('a key is malformed', () => {
  it.each(['', 'x'.repeat(256), 'tab\there', 'é'])('when it is "%s"', async (key) => {
    expectProblem(await forms.JSON(api, {}, key), 400, 'invalid_idempotency_key');
  });

  it('but not with 255 printable characters', async () => {
    expect((await forms.JSON(api, {}, `${'~ '.repeat(127)}!`)).status).toBe(201);
  });
});

describe('a direct upload', () => {
  it('that is still running answers 409, and its own answer afterwards', async () => {
    const reached = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const slow: ApiParts['queue'] = {
      async sendJobs() {
        reached.resolve();
        await goOn.promise;
        return [];
      },
    };
    const first = forms.direct(house.environment({ queue: slow }));
    await reached.promise;
    const running = await forms.direct(api);
    expectProblem(running, 409, 'request_in_progress');
    expectRetryAfter(running, 1, 1);
    expectProblem(await forms.direct(api, { body: Buffer.from('other') }), 422, 'idempotency_key_reused');
    goOn.resolve();
    const answer = await first;
    expect(answer.status).toBe(202);
    expect(essence(await forms.direct(api))).toEqual(essence(answer));
  });

  /** A request that dies as Lambda kills: after its row, with nothing tidied up. */
  async function die(): Promise<string> {
    const reached = Promise.withResolvers<void>();
    const dead: ApiParts['queue'] = {
      sendJobs() {
        reached.resolve();
        return new Promise(() => {});
      },
    };
    void forms.direct(house.environment({ queue: dead }));
    await reached.promise;
    return (await house.sql<{ id: string }>('select id from image'))[0]?.id ?? '';
  }

  it('that died holds its key no longer than its lock, and says for how long', async () => {
    await die();
    await house.sql(`update idempotency_key set locked_until = now() + interval '30 seconds'`);
    const held = await forms.direct(api);
    expectProblem(held, 409, 'request_in_progress');
    expectRetryAfter(held, 29, 30);
  });

  it('that died is taken over by its retry, with the same image', async () => {
    const id = await die();
    await house.sql(`update idempotency_key set locked_until = now() - interval '1 second'`);
    expectProblem(await forms.direct(api, { body: Buffer.from('other') }), 422, 'idempotency_key_reused');
    const answers = await Promise.all([forms.direct(api), forms.direct(house.environment())]);
    expect(answers.map(({ status }) => status)).toContain(202);
    expect(answers.find(({ status }) => status === 202)?.json.id).toBe(id);
    expect(await house.sql('select id, status from image')).toEqual([{ id, status: 'queued' }]);
    expect((await forms.direct(api)).json.id).toBe(id);
  });

  it('that died is not taken over where its image was deleted meanwhile: the retry makes a new one', async () => {
    const id = await die();
    expect((await api.call('DELETE', `/v1/images/${id}`)).status).toBe(202);
    await house.sql(`update idempotency_key set locked_until = now() - interval '1 second'`);
    const retried = await forms.direct(api);
    expect(retried.status).toBe(202);
    expect(retried.json.id).not.toBe(id);
    expect((await api.call('GET', `/v1/images/${retried.json.id}`)).json.status).toBe('queued');
    expect((await forms.direct(api)).json.id).toBe(retried.json.id);
  });

  it('that fails late takes nothing back from the retry that took it over', async () => {
    const imageId = await die();
    await house.sql(`update idempotency_key set locked_until = now() - interval '1 second'`);
    const retried = await forms.direct(api);
    // As where the retry could not record that the image is queued: its answer is out all the same.
    await house.sql(`update image set status = 'awaiting_upload'`);
    const database = openDatabase(house.database);
    await database.run((connection) =>
      abandonDirectUpload(connection, { tenant: 'acme', imageId, key: 'k1' }),
    );
    await database.close();
    expect(await house.sql('select deleted_at from image')).toEqual([{ deleted_at: null }]);
    expect(essence(await forms.direct(api))).toEqual(essence(retried));
  });
});

import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bearerAuthentication } from '../../../lambda/api/authentication.ts';
import { readRequest } from '../../../lambda/api/http/request.ts';
import { healthResponse, presetsResponse } from '../../../lambda/api/schemas/responses.ts';
import { apiEvent } from './events.ts';
import { expectProblem, expectRetryAfter } from './problems.ts';
import { decode, type Environment, openDatabase, openTestApi, settings, type TestApi } from './test-api.ts';

let testApi: TestApi;
let api: Environment;
beforeAll(async () => {
  testApi = await openTestApi();
  api = testApi.environment();
});
afterAll(() => testApi.close());

const keyed: [string, string][] = [
  ['POST', '/v1/images'],
  ['GET', '/v1/images'],
  ['GET', '/v1/images/0190a0a0-0000-7000-8000-000000000000'],
  ['DELETE', '/v1/images/0190a0a0-0000-7000-8000-000000000000'],
  ['GET', '/v1/presets'],
];

describe('an API key', () => {
  it.each(keyed)('%s %s without an API key is refused', async (method, path) => {
    const response = decode(await api.handle(apiEvent(method, path)));
    expectProblem(response, 401, 'unauthenticated');
    expect(response.headers['WWW-Authenticate']).toBe('Bearer realm="sluice"');
  });

  it.each(keyed)('an unknown API key is refused for %s %s', async (method, path) => {
    const response = await api.call(method, path, { key: 'sluice_unknown' });
    expectProblem(response, 401, 'unauthenticated');
    expect(response.headers['WWW-Authenticate']).toContain('error="invalid_token"');
  });

  it.each(['Basic dXNlcjpwYXNz', 'Bearer', 'Bearer ', 'Bearer two words', `Bearer ${'x'.repeat(600)}`])(
    'the Authorization header "%s" is refused without a query',
    async (Authorization) => {
      const unavailable = testApi.environment({ database: openDatabase({ ...testApi.database, port: 1 }) });
      const response = await unavailable.call('GET', '/v1/presets', { headers: { Authorization } });
      expectProblem(response, 401, 'unauthenticated');
    },
  );

  it('header name and scheme are not case-sensitive', async () => {
    const event = apiEvent('GET', '/v1/presets', {
      headers: { authorization: `bearer ${testApi.keys.acme}` },
    });
    expect((await api.handle(event)).statusCode).toBe(200);
  });

  it('a revoked key works until it is looked up again, 15 to 20 seconds after the last time', async () => {
    const key = 'sluice_to_be_revoked';
    const sha256 = createHash('sha256').update(key).digest();
    await testApi.sql(`insert into api_key (sha256, tenant_id) values ($1, 'acme')`, [sha256]);
    let now = 0;
    const authenticate = bearerAuthentication({ now: () => now });
    const database = openDatabase(testApi.database);
    const request = readRequest(apiEvent('GET', '/v1/presets', { key }));
    expect((await authenticate(request, database)).tenant).toBe('acme');
    await testApi.sql('update api_key set revoked_at = now() where sha256 = $1', [sha256]);
    now = 14_999;
    expect((await authenticate(request, database)).tenant).toBe('acme');
    now = 20_001;
    await expect(authenticate(request, database)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('a replaced key ends at its announced time, also in a cache', async () => {
    const key = 'sluice_replaced';
    const sha256 = createHash('sha256').update(key).digest();
    await testApi.sql(
      `insert into api_key (sha256, tenant_id, revoked_at) values ($1, 'acme', now() + interval '20 seconds')`,
      [sha256],
    );
    let now = 0;
    const authenticate = bearerAuthentication({ now: () => now });
    const database = openDatabase(testApi.database);
    const request = readRequest(apiEvent('GET', '/v1/presets', { key }));
    expect((await authenticate(request, database)).tenant).toBe('acme');
    // It is not looked up again before its end, and not taken from the cache after it.
    await testApi.sql('update api_key set revoked_at = now() where sha256 = $1', [sha256]);
    now = 10_000;
    expect((await authenticate(request, database)).tenant).toBe('acme');
    now = 20_001;
    await expect(authenticate(request, database)).rejects.toMatchObject({ code: 'unauthenticated' });
  });
});

it('the cache of keys has a maximum size', async () => {
  const real = openDatabase(testApi.database);
  let lookups = 0;
  const database = {
    ...real,
    run: (work: Parameters<typeof real.run>[0]) => {
      lookups += 1;
      return real.run(work);
    },
  } as typeof real;
  const authentication = bearerAuthentication({ rememberedKeys: 3 });
  const authenticate = async (key: string) =>
    authentication(readRequest(apiEvent('GET', '/v1/presets', { key })), database);
  const keys = ['sluice_a', 'sluice_b', 'sluice_c', 'sluice_d'];
  for (const key of keys)
    await testApi.sql(`insert into api_key (sha256, tenant_id) values ($1, 'acme')`, [
      createHash('sha256').update(key).digest(),
    ]);
  for (const key of [...keys.slice(0, 3), ...keys.slice(0, 3)]) await authenticate(key);
  expect(lookups).toBe(3);
  await authenticate('sluice_d');
  await authenticate('sluice_a');
  expect(lookups).toBe(5);
  await real.close();
});

describe('the routes', () => {
  it.each([
    '/v1',
    '/v1/',
    '/v1/image',
    '/v1/images/',
    '/v1/images/a/b',
    '/console',
    '/console/',
    '/favicon.ico',
    '',
  ])('%s is an unknown path', async (path) => {
    expectProblem(await api.call('GET', path), 404, 'not_found');
  });

  it.each([
    ['PUT', '/v1/images', 'POST, GET, HEAD, OPTIONS'],
    ['POST', '/v1/images/1', 'GET, HEAD, PATCH, DELETE, OPTIONS'],
    ['PATCH', '/v1/presets', 'GET, HEAD, OPTIONS'],
    ['POST', '/health', 'GET, HEAD, OPTIONS'],
    ['TRACE', '/health', 'GET, HEAD, OPTIONS'],
    ['POST', '/', 'GET, HEAD, OPTIONS'],
    ['DELETE', '/console/page.js', 'GET, HEAD, OPTIONS'],
  ])('%s %s returns 405 with the allowed methods', async (method, path, allow) => {
    const response = await api.call(method, path);
    expectProblem(response, 405, 'method_not_allowed');
    expect(response.headers.Allow).toBe(allow);
  });
});

describe('HEAD', () => {
  it.each(['/v1/images', '/v1/presets', '/health'])(
    'HEAD of %s returns the headers of GET without the body',
    async (path) => {
      const [got, head] = [await api.call('GET', path), await api.call('HEAD', path)];
      expect(head).toMatchObject({ status: 200, headers: got.headers, text: '' });
      expect(got.text).not.toBe('');
    },
  );

  it('HEAD needs a key where GET does', async () => {
    const response = decode(await api.handle(apiEvent('HEAD', '/v1/images')));
    expect([response.status, response.text]).toEqual([401, '']);
  });
});

describe('an unknown query parameter', () => {
  it.each([
    ['GET', '/v1/images'],
    ['GET', '/v1/images/0190a0a0-0000-7000-8000-000000000000'],
    ['DELETE', '/v1/images/0190a0a0-0000-7000-8000-000000000000'],
    ['GET', '/v1/presets'],
  ])('an unknown parameter of %s %s is refused', async (method, path) => {
    const errors = expectProblem(await api.call(method, path, { query: { x: '1' } }), 400, 'invalid_request');
    expect(errors).toEqual([{ path: 'x', detail: 'is not a known name' }]);
  });

  it('/health ignores unknown parameters, with which monitors bypass caches', async () => {
    expect((await api.call('GET', '/health', { query: { _: '1' } })).status).toBe(200);
  });
});

it('GET /v1/presets returns the configured presets and upload limits', async () => {
  const response = await api.call('GET', '/v1/presets');
  const { presets, limits, acceptedContentTypes } = presetsResponse.parse(response.json);
  expect(presets[0]).toEqual({
    name: 'large',
    width: 1600,
    height: null,
    fit: 'inside',
    formats: ['modern', 'jpeg'],
    watermarked: true,
  });
  expect(presets.map(({ name, watermarked }) => [name, watermarked])).toContainEqual(['small', false]);
  expect(limits.maxDirectBytes).toBe(settings.uploads.maxDirectBytes);
  expect(acceptedContentTypes).toContain('image/jpeg');
});

describe('while the database is unavailable', () => {
  const unavailable = () => testApi.environment({ database: openDatabase({ ...testApi.database, port: 1 }) });

  it('/health succeeds without a database', async () => {
    const response = decode(await unavailable().handle(apiEvent('GET', '/health')));
    expect(response.status).toBe(200);
    expect(healthResponse.parse(response.json)).toEqual({ status: 'ok' });
  });

  it.each(keyed)('%s %s returns 503 with Retry-After without a database', async (method, path) => {
    const response = await unavailable().call(method, path);
    expectProblem(response, 503, 'database_unavailable');
    expectRetryAfter(response, 1, 60);
  });

  it('a known tenant still receives responses that need only the configuration', async () => {
    const real = openDatabase(testApi.database);
    let works = true;
    const unavailable = openDatabase({ ...testApi.database, port: 1 });
    const environment = testApi.environment({
      database: { ...real, run: (work) => (works ? real : unavailable).run(work) },
    });
    expect((await environment.call('GET', '/v1/presets')).status).toBe(200);
    works = false;
    expect((await environment.call('GET', '/v1/presets')).status).toBe(200);
    expectProblem(await environment.call('GET', '/v1/images'), 503, 'database_unavailable');
    await real.close();
  });

  it('an upload whose end cannot be recorded is accepted, because row and object exist', async () => {
    const real = openDatabase(testApi.database);
    const unavailable = openDatabase({ ...testApi.database, port: 1 });
    let database = real;
    const environment = testApi.environment({
      database: { ...real, run: (work) => database.run(work) },
      queue: {
        async sendJobs() {
          database = unavailable;
          return [];
        },
      },
    });
    const response = await environment.call('POST', '/v1/images', {
      body: Buffer.from('x'),
      headers: { 'Content-Type': 'image/png' },
    });
    expect(response.status).toBe(202);
    expect(await testApi.sql('select status from image where id = $1', [response.json.id])).toHaveLength(1);
    await real.close();
  });
});

it('an unexpected error reveals no internals and is logged', async () => {
  const database = openDatabase(testApi.database);
  const broken = testApi.environment({
    database: {
      ...database,
      run: () => Promise.reject(new Error('relation "secret" is broken at /var/task/x.js')),
    },
  });
  testApi.lines.length = 0;
  const response = await broken.call('GET', '/v1/images');
  expectProblem(response, 500, 'internal');
  expect(response.text).not.toMatch(/secret|var\/task|relation/);
  expect(testApi.lines.map(({ message }) => message)).toEqual(['A request failed']);
});

it('neither keys nor presigned URLs are logged', async () => {
  testApi.lines.length = 0;
  const ticket = await api.call('POST', '/v1/images', { body: { contentType: 'image/png', bytes: 1 } });
  await api.call('GET', `/v1/images/${ticket.json.id}`);
  await api.call('GET', '/v1/images', { key: 'sluice_wrong_key' });
  expect(testApi.lines).toHaveLength(3);
  const text = JSON.stringify(testApi.lines);
  expect(text).not.toContain(testApi.keys.acme);
  expect(text).not.toContain('sluice_wrong_key');
  expect(text).not.toMatch(/X-Amz-|Policy/);
});

it('every response forbids content sniffing, and responses of the API are not cached', async () => {
  const responses = [await api.call('GET', '/v1/presets'), await api.call('GET', '/nowhere')];
  for (const { headers } of responses)
    expect(headers).toMatchObject({ 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-store' });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiEvent } from './events.ts';
import { decode, openTestApi, settings, type TestApi } from './test-api.ts';

let testApi: TestApi;
beforeAll(async () => {
  testApi = await openTestApi();
});
afterAll(() => testApi.close());

const at = (...origins: string[]) =>
  testApi.environment({ settings: { ...settings, gateway: { ...settings.gateway, origins } } });
const page = 'https://shop.example';

describe('pages of other sites', () => {
  it('a page may read responses, also errors, and the headers that clients need', async () => {
    const api = at('*');
    for (const path of ['/v1/presets', '/v1/nothing', '/health']) {
      const { headers } = await api.call('GET', path, { headers: { Origin: page } });
      expect(headers['Access-Control-Allow-Origin'], path).toBe('*');
      for (const name of ['Location', 'Retry-After', 'ETag', 'Idempotency-Replayed', 'RateLimit'])
        expect(headers['Access-Control-Expose-Headers']?.split(', ')).toContain(name);
      expect(headers['Access-Control-Allow-Credentials']).toBeUndefined();
    }
  });

  it.each([
    ['https://shop.example', true],
    ['https://shop.example.evil.test', false],
    ['https://a.shop.example', false],
    ['https://a.parts.example', true],
    ['https://.parts.example', true],
    ['https://parts.example', false],
    ['http://a.parts.example', false],
    ['https://both.example', false],
    ['https://both.and.both.example', true],
    ['null', false],
  ])('only pages of configured origins may read responses: %s (%s)', async (Origin, known) => {
    const api = at(page, 'https://*.parts.example', 'https://both*both.example');
    const { headers } = await api.call('GET', '/v1/presets', { headers: { Origin } });
    expect(headers['Access-Control-Allow-Origin']).toBe(known ? Origin : undefined);
    expect(headers.Vary).toBe('Origin');
  });

  it('a request without Origin works, and its response varies by Origin for caches', async () => {
    const { headers } = await at(page).call('GET', '/v1/presets');
    expect(headers['Access-Control-Allow-Origin']).toBeUndefined();
    expect(headers.Vary).toBe('Origin');
  });
});

describe('OPTIONS', () => {
  const options = async (path: string, headers: Record<string, string> = {}) =>
    decode(await at(page).handle(apiEvent('OPTIONS', path, { headers })));

  it('a preflight needs no key and lists what a page may send', async () => {
    const response = await options('/v1/images', {
      Origin: page,
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'authorization,content-type,idempotency-key',
    });
    expect(response).toMatchObject({ status: 204, text: '' });
    expect(response.headers).toMatchObject({
      'Access-Control-Allow-Origin': page,
      'Access-Control-Allow-Methods': 'POST, GET, HEAD, OPTIONS',
      'Access-Control-Max-Age': '7200',
    });
    for (const name of [
      'Authorization',
      'Content-Type',
      'Idempotency-Key',
      'X-Sluice-Metadata',
      'If-None-Match',
      'If-Match',
    ])
      expect(response.headers['Access-Control-Allow-Headers']?.split(', ')).toContain(name);
  });

  it('a preflight from an origin that is not configured allows nothing', async () => {
    const response = await options('/v1/images', {
      Origin: 'https://x.test',
      'Access-Control-Request-Method': 'GET',
    });
    expect(response.headers['Access-Control-Allow-Origin']).toBeUndefined();
  });

  it('OPTIONS without a preflight lists the methods of the path', async () => {
    const response = await options('/v1/images/1');
    expect([response.status, response.headers.Allow]).toEqual([204, 'GET, HEAD, PATCH, DELETE, OPTIONS']);
    expect(response.headers['Access-Control-Allow-Methods']).toBeUndefined();
    expect((await options('/v1/nothing')).status).toBe(404);
  });
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiEvent } from './events.ts';
import { type Environment, openTestApi, type TestApi } from './test-api.ts';

const png = Buffer.from('89504e470d0a1a0aff00', 'hex');
let testApi: TestApi;
let api: Environment;
let folder: string;
beforeAll(async () => {
  testApi = await openTestApi();
  folder = mkdtempSync(join(tmpdir(), 'sluice-page-'));
  const consoleRoot = join(folder, 'console');
  mkdirSync(join(consoleRoot, 'icons'), { recursive: true });
  writeFileSync(join(folder, 'settings.json'), '{"secret":true}');
  writeFileSync(join(consoleRoot, 'index.html'), '<!doctype html><title>Sluice – ü</title>');
  writeFileSync(join(consoleRoot, 'page.js'), 'export {};');
  writeFileSync(join(consoleRoot, 'page.css'), 'body{}');
  writeFileSync(join(consoleRoot, '.hidden.json'), '{}');
  writeFileSync(join(consoleRoot, 'icons', 'a.png'), png);
  api = testApi.environment({ consoleRoot });
});
afterAll(async () => {
  await testApi.close();
  rmSync(folder, { recursive: true });
});
/** An environment that delivers variants from a separate origin. */
const openedWith = ({ origin }: { origin: string }) =>
  testApi.environment({
    consoleRoot: join(folder, 'console'),
    delivery: {
      origin: async () => origin,
      variantUrl: async (key) => ({ url: `${origin}/${key}`, expiresAt: new Date() }),
    },
  });
const get = (path: string, headers: Record<string, string> = {}) =>
  api.handle(apiEvent('GET', path, { headers }));

describe('the page', () => {
  it('the page needs no key, and its policy allows only the API and the bucket', async () => {
    const response = await get('/');
    expect(response).toMatchObject({ statusCode: 200, isBase64Encoded: false });
    expect(response.body).toContain('Sluice – ü');
    expect(response.headers?.['Content-Type']).toBe('text/html; charset=utf-8');
    const policy = String(response.headers?.['Content-Security-Policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`connect-src 'self' ${testApi.cloud.endpoint};`);
    expect(policy).toContain(`img-src 'self' blob: data: ${testApi.cloud.endpoint};`);
    expect(policy).not.toContain('unsafe');
  });

  it('the policy allows pictures from the origin that delivers variants, and uploads only to that of the bucket', async () => {
    const parts = openedWith({ origin: 'https://images.example' });
    const response = await parts.handle(apiEvent('GET', '/'));
    const policy = String(response.headers?.['Content-Security-Policy']).split('; ');
    expect(policy).toContain("img-src 'self' blob: data: https://images.example");
    expect(policy).toContain(`connect-src 'self' ${testApi.cloud.endpoint}`);
  });

  it.each([
    ['/console/index.html', 'text/html; charset=utf-8'],
    ['/console/page.js', 'text/javascript; charset=utf-8'],
    ['/console/page.css', 'text/css; charset=utf-8'],
    ['/console/icons/a.png', 'image/png'],
  ])('%s is served as %s', async (path, type) => {
    const response = await get(path);
    expect(response.statusCode).toBe(200);
    expect(response.headers?.['Content-Type']).toBe(type);
    expect(response.headers?.['X-Content-Type-Options']).toBe('nosniff');
  });

  it('binary files are served unchanged', async () => {
    const response = await get('/console/icons/a.png');
    expect(response.isBase64Encoded).toBe(true);
    expect(Buffer.from(response.body, 'base64').equals(png)).toBe(true);
  });

  it('an unchanged page is not sent again', async () => {
    const etag = String((await get('/')).headers?.ETag);
    expect(await get('/', { 'If-None-Match': etag })).toMatchObject({ statusCode: 304, body: '' });
  });

  it.each([
    '/console/../settings.json',
    '/console/icons/../../settings.json',
    '/console/%2e%2e/settings.json',
    '/console/..%2fsettings.json',
    '/console/..\\settings.json',
    '/console//settings.json',
    '/console//etc/hosts.html',
    '/console/.hidden.json',
    '/console/icons',
    '/console/missing.js',
    '/console/page.js\u0000.html',
    '/console/page.ts',
  ])('the path %j is not a file of the page', async (path) => {
    const response = await get(path);
    expect(response.statusCode).toBe(404);
    expect(JSON.parse(response.body).code).toBe('not_found');
  });

  it('a deployment without a page returns 404', async () => {
    const bare = testApi.environment({ consoleRoot: join(folder, 'nowhere') });
    expect((await bare.handle(apiEvent('GET', '/'))).statusCode).toBe(404);
  });
});

import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { expectProblem } from './problems.ts';
import { type Environment, openTestApi, type TestApi } from './test-api.ts';

let testApi: TestApi;
let api: Environment;
beforeAll(async () => {
  testApi = await openTestApi();
  api = testApi.environment();
});
afterAll(() => testApi.close());
beforeEach(() => testApi.sql('delete from image'));

const picture = Buffer.from('89504e470d0a1a0aff00', 'hex');
const ticket = { contentType: 'image/png', bytes: 10 };
const digest = (hash: string, of: Uint8Array | string) => createHash(hash).update(of).digest('base64');
const send = {
  direct: (headers: Record<string, string>) =>
    api.call('POST', '/v1/images', { body: picture, headers: { 'Content-Type': 'image/png', ...headers } }),
  JSON: (headers: Record<string, string>) => api.call('POST', '/v1/images', { body: ticket, headers }),
};
const bodies = { direct: picture, JSON: Buffer.from(JSON.stringify(ticket)) };

describe.each(['direct', 'JSON'] as const)('a %s request', (form) => {
  const body = bodies[form];
  const sound: [string, string][] = [
    ['Content-MD5', digest('md5', body)],
    ['X-Amzn-Remapped-Content-MD5', digest('md5', body)],
    ['Content-Digest', `sha-256=:${digest('sha256', body)}:`],
    ['Content-Digest', `sha-512=:${digest('sha512', body)}:, sha-256=:${digest('sha256', body)}:`],
    ['Content-Digest', 'unixsum=:AAA=:'],
  ];
  it.each(sound)('a body that matches its digest is accepted: %s: %s', async (name, value) => {
    expect([201, 202]).toContain((await send[form]({ [name]: value })).status);
  });

  const wrong: [string, string][] = [
    ['Content-MD5', digest('md5', 'other')],
    ['X-Amzn-Remapped-Content-MD5', digest('md5', 'other')],
    ['Content-Digest', `sha-256=:${digest('sha256', 'other')}:`],
    ['Content-Digest', `sha-512=:${digest('sha512', 'other')}:`],
    ['Content-Digest', `sha-256=:${digest('sha256', body)}:, sha-512=:${digest('sha512', 'other')}:`],
  ];
  it.each(['gzip', 'br', 'GZIP', 'identity, gzip'])(
    'a body with Content-Encoding: %s is refused',
    async (coding) => {
      const response = await send[form]({ 'Content-Encoding': coding });
      expectProblem(response, 415, 'unsupported_encoding');
      expect(response.headers['Accept-Encoding']).toBe('identity');
      expect(await testApi.sql('select 1 from image')).toEqual([]);
    },
  );

  it.each(['identity', 'Identity', ''])('a body with Content-Encoding: "%s" is accepted', async (coding) => {
    expect([201, 202]).toContain((await send[form]({ 'Content-Encoding': coding })).status);
  });

  it.each(wrong)(
    'a body that does not match its digest is refused and creates no image: %s: %s',
    async (name, value) => {
      expectProblem(await send[form]({ [name]: value }), 400, 'digest_mismatch');
      expect(await testApi.sql('select 1 from image')).toEqual([]);
    },
  );

  it.each([
    ['Content-MD5', 'abc'],
    ['Content-MD5', digest('sha256', body)],
    ['Content-Digest', digest('sha256', body)],
    ['Content-Digest', `sha-256=:${digest('md5', body)}:`],
    ['Content-Digest', `sha-256=:${digest('sha256', body).slice(0, -1)}:`],
  ])('a malformed digest is refused: %s: %s', async (name, value) => {
    const errors = expectProblem(await send[form]({ [name]: value }), 400, 'invalid_request');
    expect(errors.map(({ path }) => path)).toEqual([name]);
  });
});

import { createHash, createHmac } from 'node:crypto';

import { describe, expect, it, onTestFinished } from 'vitest';
import { cacheToken, countersPassword } from '../../../lambda/aws/cache-auth.ts';
import type { QuotaRecords } from '../../../lambda/domain/quota-records.ts';
import { countersEnvironment } from '../../../lambda/runtime/counters-environment.ts';
import { openValkey } from '../../../lambda/valkey/connection.ts';
import { valkeyQuotas } from '../../../lambda/valkey/quotas.ts';
import { countersRights } from '../../../lib/config/counters.ts';
import { patience } from '../../support/pace.ts';
import { startValkey, valkeyIsHere } from '../../support/valkey/server.ts';
import { ask } from './valkey-fixture.ts';

/* How the API logs in to the counters. */

const nothing: QuotaRecords = {
  read: async (_, resources) =>
    resources.map((resource) => ({
      resource,
      bucket: 0,
      bucketAt: 0,
      day: '2026-01-01',
      ofDay: 0,
      ofMonth: 0,
      returnedOfDay: 0,
      returnedOfMonth: 0,
    })),
  save: async (_, uses) => uses.map((use) => ({ ...use, ofDay: 1, ofMonth: 1, toBucket: 0 })),
};

describe.skipIf(!valkeyIsHere())('the login to Valkey', () => {
  it('the rights of the cache’s user suffice for all scripts, and allow nothing else', async () => {
    const server = await startValkey({ settings: [`user api ${countersRights} >secret`] });
    onTestFinished(() => server.close());
    const connection = openValkey({
      host: server.socket,
      port: 0,
      tls: 'off',
      user: 'api',
      password: async () => 'secret',
      callTimeoutMs: patience(2_000),
    });
    onTestFinished(() => connection.close());
    const unsaved: unknown[] = [];
    const store = valkeyQuotas({ connection, records: nothing, onUnsaved: (error) => unsaved.push(error) });
    const answer = await store.lease({ tenant: 'acme', asks: [ask({ perDay: 10 }, 2)], rests: [] });
    expect(answer?.leases).toMatchObject([{ granted: 2 }]);
    const day = answer?.day ?? '';
    await store.giveBack([{ tenant: 'acme', resource: 'images', amount: 1, day, ageSeconds: 1 }]);
    // The save that the first lease made due carried 1 over.
    expect(unsaved).toEqual([]);
    expect(await server.admin.hget('sluice:{acme}:images', 'ofDay')).toBe('0');
    for (const text of ["return redis.call('DEL', KEYS[1])", "return redis.call('KEYS', '*')"]) {
      const run = connection.run({ text, sha1: '0'.repeat(40) }, ['sluice:{acme}:images'], {});
      await expect(run).rejects.toMatchObject({ code: 'counters_unavailable' });
    }
    const foreign = connection.run(
      { text: "return redis.call('HSET', KEYS[1], 'a', 1)", sha1: '' },
      ['other'],
      {},
    );
    await expect(foreign).rejects.toMatchObject({ code: 'counters_unavailable' });
  });

  it('a wrong password is an outage of the counters, and a right one is used for the next connection', async () => {
    const server = await startValkey({ settings: ['requirepass right'], password: 'right' });
    onTestFinished(() => server.close());
    let password = 'wrong';
    const connection = openValkey({
      host: server.socket,
      port: 0,
      tls: 'off',
      password: async () => password,
      callTimeoutMs: patience(2_000),
    });
    onTestFinished(() => connection.close());
    const store = valkeyQuotas({ connection, records: nothing, onUnsaved: () => undefined });
    const lease = () => store.lease({ tenant: 'acme', asks: [ask({ perDay: 10 }, 2)], rests: [] });
    await expect(lease()).rejects.toMatchObject({ code: 'counters_unavailable' });
    password = 'right';
    expect((await lease())?.leases).toMatchObject([{ granted: 2 }]);
  });
});

describe('the password of the counters', () => {
  const environment = (variables: Record<string, string>) => countersEnvironment.parse(variables);

  it('is none, a variable, or a token for the cache and user', async () => {
    expect(countersPassword(environment({ COUNTERS_HOST: 'a' }))).toBeUndefined();
    const given = { COUNTERS_AUTH: 'password', COUNTERS_PASSWORD: 'secret' };
    expect(await countersPassword(environment(given))?.()).toBe('secret');
  });

  it.each([
    [{ COUNTERS_AUTH: 'password' }, /COUNTERS_PASSWORD or COUNTERS_SECRET_ARN/],
    [{ COUNTERS_AUTH: 'iam', COUNTERS_USER: 'api' }, /COUNTERS_CACHE and COUNTERS_USER/],
  ])('what is missing for it is said at the start: %j', (variables, message) => {
    expect(() => countersPassword(environment(variables))).toThrow(message);
  });

  const client = {
    config: {
      region: async () => 'eu-central-1',
      credentials: async () => ({
        accessKeyId: 'AKIDEXAMPLE',
        secretAccessKey: 'secret',
        sessionToken: 'a/b',
      }),
    },
  };
  const at = new Date('2026-11-29T12:00:00Z');
  const token = async (serverless: boolean) =>
    new URL(
      `https://${await cacheToken({ cache: 'tallies', user: 'api', serverless }, client as never, at)}`,
    );

  it('a token is a presigned request of 15 minutes to the name of the cache, without its scheme', async () => {
    const url = await token(true);
    expect(url.host).toBe('tallies');
    expect(url.pathname).toBe('/');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      Action: 'connect',
      User: 'api',
      ResourceType: 'ServerlessCache',
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Credential': 'AKIDEXAMPLE/20261129/eu-central-1/elasticache/aws4_request',
      'X-Amz-Date': '20261129T120000Z',
      'X-Amz-Expires': '900',
      'X-Amz-SignedHeaders': 'host',
      'X-Amz-Security-Token': 'a/b',
      'X-Amz-Signature': expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect((await token(false)).searchParams.has('ResourceType')).toBe(false);
  });

  it('its signature is that of Signature Version 4, computed anew', async () => {
    const url = await token(true);
    expect(url.searchParams.get('X-Amz-Signature')).toBe(signatureOf(url, 'secret'));
  });
});

/** Signature Version 4 of a presigned GET, after docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html. */
function signatureOf({ host, searchParams }: URL, secret: string): string {
  const encoded = (text: string) =>
    encodeURIComponent(text).replace(
      /[!'()*]/g,
      (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
    );
  const query = [...searchParams]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .sort()
    .join('&');
  const empty = createHash('sha256').update('').digest('hex');
  const request = ['GET', '/', query, `host:${host}`, '', 'host', empty].join('\n');
  const [, ...scope] = (searchParams.get('X-Amz-Credential') ?? '').split('/');
  const digest = createHash('sha256').update(request).digest('hex');
  const text = ['AWS4-HMAC-SHA256', searchParams.get('X-Amz-Date'), scope.join('/'), digest].join('\n');
  const key = scope.reduce<Buffer | string>(
    (above, part) => createHmac('sha256', above).update(part).digest(),
    `AWS4${secret}`,
  );
  return createHmac('sha256', key).update(text).digest('hex');
}

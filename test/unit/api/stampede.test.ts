import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bearerAuthentication } from '../../../lambda/api/authentication.ts';
import { readRequest } from '../../../lambda/api/http/request.ts';
import { TransientFailure } from '../../../lambda/domain/failure.ts';
import type { Database } from '../../../lambda/postgres/connection/connection.ts';
import { apiEvent } from './events.ts';
import { openDatabase, openTestApi, type TestApi } from './test-api.ts';

let testApi: TestApi;
let real: Database;
beforeAll(async () => {
  testApi = await openTestApi();
  real = openDatabase(testApi.database);
});
afterAll(async () => {
  await real.close();
  await testApi.close();
});

/** Counts statements of a name; each is preceded by `until`. */
function watched(name: string) {
  const watch = { statements: 0, until: async (): Promise<void> => undefined };
  const run: Database['run'] = (work, options) =>
    real.run(
      (connection) =>
        work({
          async query(statement, values) {
            if (typeof statement === 'object' && statement.name === name) {
              watch.statements += 1;
              await watch.until();
            }
            return connection.query(statement, values);
          },
        }),
      options,
    );
  return { watch, database: { ...real, run } as Database };
}

async function newKey() {
  const key = `sluice_${randomUUID()}`;
  const sha256 = createHash('sha256').update(key).digest();
  await testApi.sql(`insert into api_key (sha256, tenant_id) values ($1, 'acme')`, [sha256]);
  const revoke = () => testApi.sql('update api_key set revoked_at = now() where sha256 = $1', [sha256]);
  return { request: readRequest(apiEvent('GET', '/v1/presets', { key })), revoke };
}
const unavailable = async () => {
  throw new TransientFailure('database_unavailable', 'The database is away.');
};

describe('a hundred requests with one key', () => {
  it('are one statement when the key is unknown, and one when it is old, while 99 are served as before', async () => {
    let now = 0;
    const authenticate = bearerAuthentication({ now: () => now });
    const { watch, database } = watched('tenant of key');
    const { request } = await newKey();
    const hundred = () => Array.from({ length: 100 }, () => authenticate(request, database));
    for (const { tenant } of await Promise.all(hundred())) expect(tenant).toBe('acme');
    expect(watch.statements).toBe(1);

    now = 21_000;
    const gate = Promise.withResolvers<void>();
    watch.until = () => gate.promise;
    const [first, ...others] = hundred();
    expect((await Promise.all(others)).map(({ tenant }) => tenant)).toEqual(Array(99).fill('acme'));
    gate.resolve();
    expect((await first)?.tenant).toBe('acme');
    expect(watch.statements).toBe(2);
  });

  it('are served for 30 seconds after the last look-up that succeeded, with few attempts, and then refused', async () => {
    let now = 0;
    const authenticate = bearerAuthentication({ now: () => now, random: () => 1 });
    const { watch, database } = watched('tenant of key');
    const { request, revoke } = await newKey();
    await authenticate(request, database);
    await revoke();
    watch.until = unavailable;
    for (now = 20_000; now < 30_000; now += 100)
      expect(await authenticate(request, database)).toMatchObject({ tenant: 'acme' });
    // Every two seconds one.
    expect(watch.statements).toBe(6);
    // Known, and good for a turn in line only.
    expect(await authenticate(request, database)).toMatchObject({
      unverified: { code: 'database_unavailable' },
    });
    watch.until = async () => undefined;
    await expect(authenticate(request, database)).rejects.toMatchObject({ code: 'unauthenticated' });
  });
});

describe('a hundred polls', () => {
  it('share one snapshot of the backlog', async () => {
    const { watch, database } = watched('sync');
    const api = testApi.environment({ database });
    const body = { contentType: 'image/png', bytes: 9 };
    const { id } = (await testApi.environment().call('POST', '/v1/images', { body })).json;
    await testApi.sql("update image set status = 'queued' where id = $1", [id]);
    const poll = () => api.call('GET', `/v1/images/${id}`);
    const statuses = new Set(
      (await Promise.all(Array.from({ length: 100 }, poll))).map(({ status }) => status),
    );
    expect([...statuses]).toEqual([200]);
    // A second one if the hundred take longer than a second.
    expect(watch.statements).toBeLessThanOrEqual(2);
  });
});

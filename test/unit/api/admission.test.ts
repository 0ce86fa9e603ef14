import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ApiParts } from '../../../lambda/api/http/endpoint.ts';
import { openBucket } from '../../../lambda/aws/bucket.ts';
import { storageClient } from '../../../lambda/aws/storage-client.ts';
import { openAdmission } from '../../../lambda/policy/admission/admission.ts';
import { expectProblem, expectRetryAfter } from './problems.ts';
import { recordStatements } from './recorded-statements.ts';
import {
  admitting,
  type Environment,
  openDatabase,
  openTestApi,
  settings,
  type TestApi,
} from './test-api.ts';

let testApi: TestApi;
beforeAll(async () => {
  testApi = await openTestApi();
});
afterAll(() => testApi.close());
beforeEach(async () => {
  await testApi.sql('delete from idempotency_key; delete from image; delete from drain_interval');
  await testApi.forgetEnvironments();
});

/** An environment that admits three images of a tenant, with its own clock. */
function smallBacklog(changes: Partial<ApiParts> = {}, images = 3) {
  const clock = { now: 1_000_000 };
  const { settings } = admitting(images);
  const admission = openAdmission(settings.admission, () => clock.now);
  return { environment: testApi.environment({ settings, admission, ...changes }), clock };
}
/** The next snapshot of any environment has what is there now. */
const pass = () => testApi.sql("update backlog_roll_up set rolled_at = rolled_at - interval '1 second'");
const requestTicket = (environment: Environment, key?: string, more: object = {}) =>
  environment.call('POST', '/v1/images', {
    body: { contentType: 'image/png', bytes: 10, ...more },
    headers: key === undefined ? {} : { 'Idempotency-Key': key },
  });
const asOther = (environment: Environment, more: object = {}) =>
  environment.call('POST', '/v1/images', {
    key: testApi.keys.other,
    body: { contentType: 'image/png', bytes: 10, ...more },
  });
const direct = (environment: Environment, query: Record<string, string> = {}) =>
  environment.call('POST', '/v1/images', {
    body: Buffer.from('x'),
    headers: { 'Content-Type': 'image/png' },
    query,
  });
const fill = async (environment: Environment, count = 3) => {
  for (let n = 0; n < count; n++) expect((await requestTicket(environment, `fill${n}`)).status).toBe(201);
};
const setStatus = (status: string, where = 'true') =>
  testApi.sql(`update image set status = '${status}' where ${where}`);

describe('a full share', () => {
  it('a full share returns 429 with a turn, its place in RateLimit fields, and writes nothing', async () => {
    const { environment } = smallBacklog();
    await fill(environment);
    const refused = await requestTicket(environment, 'one too many');
    expectProblem(refused, 429, 'backlog_share');
    expectRetryAfter(refused, 1, 5);
    const seconds = refused.headers['Retry-After'];
    expect(refused.headers['RateLimit-Policy']).toBe('"backlog";q=3;qu="concurrent-requests"');
    expect(refused.headers.RateLimit).toBe(`"backlog";r=0;t=${seconds}`);
    expect(refused.json['violated-policies']).toEqual(['backlog']);
    expect(await testApi.sql('select 1 from image')).toHaveLength(3);
    expect(await testApi.sql(`select 1 from idempotency_key where key = 'one too many'`)).toEqual([]);
  });

  it('every refusal has a Retry-After, of a ticket, of a body, and of one of several tickets', async () => {
    const { environment } = smallBacklog();
    await fill(environment);
    for (const response of [await requestTicket(environment), await direct(environment)]) {
      expectProblem(response, 429, 'backlog_share');
      expectRetryAfter(response, 1, 10);
    }
    const several = await environment.call('POST', '/v1/tickets', {
      body: { tickets: [{ contentType: 'image/png', bytes: 10 }] },
    });
    expect(several.json).toMatchObject({ tickets: [{ problem: { code: 'backlog_share' } }] });
    expectRetryAfter(several, 1, 10);
  });

  it.each(['awaiting_upload', 'queued', 'processing'])('images with the status %s count', async (status) => {
    await fill(smallBacklog().environment);
    await setStatus(status);
    await pass();
    expectProblem(await requestTicket(smallBacklog().environment), 429, 'backlog_share');
  });

  it.each([
    ['ready', `update image set status = 'ready'`],
    ['expired', `update image set status = 'expired'`],
    ['deleted', 'update image set deleted_at = now()'],
    ['queued and deleted', `update image set status = 'queued', deleted_at = now()`],
    ['processing and deleted', `update image set status = 'processing', deleted_at = now()`],
    [
      'awaited with a ticket that is over',
      `update image set ticket_expires_at = now() - interval '1 second'`,
    ],
  ])('images that are %s do not count', async (_, change) => {
    await fill(smallBacklog().environment);
    await testApi.sql(change);
    await pass();
    expect((await requestTicket(smallBacklog().environment)).status).toBe(201);
  });

  it('uploads that S3 refused do not count', async () => {
    const client = storageClient({ endpoint: 'http://127.0.0.1:1', maxAttempts: 1 });
    const { environment } = smallBacklog({ bucket: openBucket({ bucketName: 'pictures', client }) });
    for (let n = 0; n < 3; n++) expectProblem(await direct(environment), 503, 'storage_unavailable');
    await testApi.forgetEnvironments();
    await fill(smallBacklog().environment);
    client.destroy();
  });

  it('changes neither the response to a repeated request nor the 422 of a reused key', async () => {
    const { environment } = smallBacklog();
    await fill(environment);
    for (const memory of ['fresh', 'of the refusal']) {
      expect((await requestTicket(environment, 'fill0')).status, memory).toBe(201);
      const other = await requestTicket(environment, 'fill0', { bytes: 11 });
      expectProblem(other, 422, 'idempotency_key_reused');
      expectProblem(await requestTicket(environment), 429, 'backlog_share');
    }
  });

  it('a refused request keeps its turn in every environment, before those that come later', async () => {
    const { environment, clock } = smallBacklog();
    await fill(environment);
    const keys = Array.from({ length: 9 }, (_, n) => `turn${n}`);
    const told: number[] = [];
    for (const key of keys) told.push(Number((await requestTicket(environment, key)).headers['Retry-After']));
    expect(told).toEqual(told.toSorted((a, b) => a - b));
    expect(told.at(-1)).toBeGreaterThan((told[0] ?? Number.NaN) + 4);
    expectProblem(await requestTicket(environment, 'turn8'), 429, 'backlog_share');
    await setStatus('ready');
    await pass();
    clock.now += 1_001;
    await requestTicket(environment, 'fill0');
    const other = smallBacklog().environment;
    expectProblem(await requestTicket(other, 'new'), 429, 'backlog_share');
    expectProblem(await requestTicket(other, 'turn8'), 429, 'backlog_share');
    expect((await requestTicket(other, 'turn0')).status).toBe(201);
  });

  it('a fresh refusal without a key takes no statement, and a snapshot one a second', async () => {
    const { database, statements } = recordStatements(openDatabase(testApi.database));
    const { environment, clock } = smallBacklog({ database });
    await fill(environment);
    expectProblem(await requestTicket(environment), 429, 'backlog_share');
    statements.length = 0;
    for (let n = 0; n < 20; n++) expectProblem(await requestTicket(environment), 429, 'backlog_share');
    expect(statements).toEqual([]);
    clock.now += 1_001;
    await Promise.all(Array.from({ length: 20 }, () => requestTicket(environment)));
    expect(statements.filter((text) => text.includes('sync_backlog'))).toHaveLength(1);
    await database.close();
  });
});

describe('several tenants', () => {
  it('50,000 tickets of one tenant that uploads nothing do not close the API for another', async () => {
    await testApi.sql(
      `insert into image (id, tenant_id, status, declared_type, declared_bytes, presets, ticket_expires_at)
       select gen_random_uuid(), 'acme', 'awaiting_upload', 'image/png', 10, '{small}', now() + interval '15 minutes'
       from generate_series(1, 50000)`,
    );
    await pass();
    const environment = testApi.environment({
      settings: { ...settings, admission: { maxBacklogSeconds: 100, priorPerSecond: 8, slots: 80 } },
    });
    expectProblem(await requestTicket(environment), 429, 'backlog_share');
    expect((await asOther(environment)).status).toBe(201);
    expect((await asOther(environment)).status).toBe(201);
  });

  it('a tenant with nothing waiting is admitted although the backlog is beyond its bound', async () => {
    await fill(testApi.environment(), 9);
    await setStatus('queued');
    await pass();
    const { environment } = smallBacklog({}, 3);
    expectProblem(await requestTicket(environment), 429, 'backlog_share');
    expect((await asOther(environment)).status).toBe(201);
    expectProblem(await asOther(environment), 429, 'backlog_share');
  });

  it('when the objective cannot be met even for a tenant with nothing waiting, it is 503 for everyone', async () => {
    await fill(testApi.environment(), 1);
    await setStatus('queued');
    await pass();
    const { environment } = smallBacklog({}, 1);
    const refused = await asOther(environment);
    expectProblem(refused, 503, 'overloaded');
    expectRetryAfter(refused, 1, 10);
    expectProblem(await requestTicket(environment), 503, 'overloaded');
  });

  it('a weight of the plan multiplies what a tenant may have waiting beside others', async () => {
    const plans = { default: { weight: 1, quotas: {} }, gold: { weight: 8, quotas: {} } };
    const { settings } = admitting(10);
    await fill(testApi.environment(), 5);
    await setStatus('queued');
    await pass();
    const count = async (plan: string) => {
      const api = testApi.environment({ settings });
      const planOf = () => plans[plan as keyof typeof plans];
      const environment = testApi.environment({ settings, quotas: { ...api.parts.quotas, planOf } });
      let admitted = 0;
      while (admitted < 50 && (await asOther(environment)).status === 201) admitted++;
      await testApi.sql(`delete from image where tenant_id = 'other'`);
      await pass();
      return admitted;
    };
    expect(await count('gold')).toBeGreaterThan(await count('default'));
  });

  it('a plan bounds unused tickets by itself', async () => {
    const api = testApi.environment();
    const planOf = () => ({ weight: 1, maxUnusedTickets: 2, quotas: {} });
    const environment = testApi.environment({ quotas: { ...api.parts.quotas, planOf } });
    await fill(environment, 2);
    expectProblem(await requestTicket(environment), 429, 'backlog_share');
    expect((await asOther(testApi.environment())).status).toBe(201);
  });

  it('a tenant that is removed in mid-flood has no share: its key is unknown, others go on', async () => {
    const { environment } = smallBacklog();
    await testApi.sql(`insert into tenant (id) values ('gone') on conflict do nothing`);
    await testApi.sql(
      `insert into image (id, tenant_id, status, declared_type, declared_bytes, presets, ticket_expires_at)
       select gen_random_uuid(), 'gone', 'queued', 'image/png', 10, '{small}', now() from generate_series(1, 20)`,
    );
    await pass();
    expect((await requestTicket(environment, 'first')).status).toBe(201);
    await testApi.sql(`delete from image where tenant_id = 'gone'; delete from tenant where id = 'gone'`);
    await pass();
    await fill(smallBacklog().environment, 2);
  });
});

describe('clocks', () => {
  it('a machine whose clock is an hour off counts, and waits, as the database does', async () => {
    const { environment, clock } = smallBacklog();
    await fill(environment);
    const told = Number((await requestTicket(environment, 'late')).headers['Retry-After']);
    // Monotonic times of two environments have nothing in common.
    const other = smallBacklog();
    other.clock.now += 3_600_000;
    clock.now += 1_001;
    await pass();
    await requestTicket(environment);
    const again = Number((await requestTicket(other.environment, 'late')).headers['Retry-After']);
    expect(Math.abs(again - told)).toBeLessThanOrEqual(2);
  });
});

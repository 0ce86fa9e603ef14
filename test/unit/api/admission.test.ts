import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ApiParts } from '../../../lambda/api/http/endpoint.ts';
import { openBucket } from '../../../lambda/aws/bucket.ts';
import { openAdmission } from '../../../lambda/policy/admission-memory.ts';
import { expectProblem, expectRetryAfter } from './problems.ts';
import { type Environment, openTestApi, settings, type TestApi } from './test-api.ts';

let testApi: TestApi;
beforeAll(async () => {
  testApi = await openTestApi();
});
afterAll(() => testApi.close());
beforeEach(async () => {
  await testApi.sql('delete from idempotency_key; delete from image');
  await pass();
});

/** An environment that admits three images, with its own clock. */
function smallBacklog(changes: Partial<ApiParts> = {}) {
  const clock = { now: 1_000_000 };
  const environment = testApi.environment({
    ...changes,
    settings: { ...settings, admission: { maxBacklog: 3 } },
    admission: openAdmission({ all: 3 }, () => clock.now),
  });
  return { environment, clock };
}
/** The next snapshot of any environment has what is there now. */
const pass = () => testApi.sql("update backlog_roll_up set rolled_at = rolled_at - interval '1 second'");
const requestTicket = (environment: Environment, key?: string) =>
  environment.call('POST', '/v1/images', {
    body: { contentType: 'image/png', bytes: 10 },
    headers: key === undefined ? {} : { 'Idempotency-Key': key },
  });
const fill = async (environment: Environment, count = 3) => {
  for (let n = 0; n < count; n++) expect((await requestTicket(environment, `fill${n}`)).status).toBe(201);
};
const setStatus = (status: string, where = 'true') =>
  testApi.sql(`update image set status = '${status}' where ${where}`);

describe('a full backlog', () => {
  it('a full backlog returns 503 with Retry-After and writes nothing', async () => {
    const { environment } = smallBacklog();
    await fill(environment);
    const refused = await requestTicket(environment, 'one too many');
    expectProblem(refused, 503, 'overloaded');
    expectRetryAfter(refused, 600, 600);
    expect(await testApi.sql('select 1 from image')).toHaveLength(3);
    expect(await testApi.sql(`select 1 from idempotency_key where key = 'one too many'`)).toEqual([]);
  });

  it.each(['awaiting_upload', 'queued', 'processing'])(
    'images with the status %s count as unfinished',
    async (status) => {
      const { environment } = smallBacklog();
      await fill(environment);
      await setStatus(status);
      expectProblem(await requestTicket(environment), 503, 'overloaded');
    },
  );

  it.each(['ready', 'expired'])('images with the status %s do not count as unfinished', async (status) => {
    const { environment } = smallBacklog();
    await fill(environment);
    await setStatus(status);
    await pass();
    expect((await requestTicket(smallBacklog().environment)).status).toBe(201);
  });

  it('deleted images do not count as unfinished', async () => {
    const { environment } = smallBacklog();
    await fill(environment);
    for (const { id } of await testApi.sql<{ id: string }>('select id from image'))
      expect((await environment.call('DELETE', `/v1/images/${id}`)).status).toBe(202);
    await pass();
    expect((await requestTicket(smallBacklog().environment)).status).toBe(201);
  });

  it.each(['queued', 'processing'])(
    'deleted images that were %s do not count as unfinished',
    async (status) => {
      const { environment } = smallBacklog();
      await fill(environment);
      await setStatus(status);
      await testApi.sql('update image set deleted_at = now()');
      await pass();
      expect((await requestTicket(smallBacklog().environment)).status).toBe(201);
    },
  );

  it('tickets that have expired do not count, even before the sweep marks them', async () => {
    const { environment } = smallBacklog();
    await fill(environment);
    await testApi.sql(`update image set ticket_expires_at = now() - interval '1 second'`);
    await pass();
    expect((await requestTicket(smallBacklog().environment)).status).toBe(201);
    await testApi.sql(`update image set status = 'queued'`);
    await pass();
    expectProblem(await requestTicket(smallBacklog().environment), 503, 'overloaded');
  });

  it('uploads that S3 refused do not count: no row is left when S3 is available again', async () => {
    const client = new S3Client({ endpoint: 'http://127.0.0.1:1', forcePathStyle: true, maxAttempts: 1 });
    const { environment } = smallBacklog({ bucket: openBucket({ bucketName: 'pictures', client }) });
    const direct = () =>
      environment.call('POST', '/v1/images', {
        body: Buffer.from('x'),
        headers: { 'Content-Type': 'image/png' },
      });
    for (let n = 0; n < 3; n++) expectProblem(await direct(), 503, 'storage_unavailable');
    await pass();
    await fill(smallBacklog().environment);
    client.destroy();
  });

  it('waiting images and open tickets count together', async () => {
    const { environment } = smallBacklog();
    await fill(environment);
    await setStatus('queued', `id = (select min(id::text)::uuid from image)`);
    await setStatus('processing', `id = (select max(id::text)::uuid from image)`);
    expectProblem(await requestTicket(environment), 503, 'overloaded');
  });

  it('a full backlog also refuses images in bodies', async () => {
    const { environment } = smallBacklog();
    await fill(environment);
    const direct = await environment.call('POST', '/v1/images', {
      body: Buffer.from('x'),
      headers: { 'Content-Type': 'image/png' },
    });
    expectProblem(direct, 503, 'overloaded');
  });

  it('a full backlog changes neither the response to a repeated request nor the 422 of a reused key', async () => {
    const { environment } = smallBacklog();
    await fill(environment);
    for (const memory of ['fresh', 'of the refusal']) {
      expect((await requestTicket(environment, 'fill0')).status, memory).toBe(201);
      const other = await environment.call('POST', '/v1/images', {
        body: { contentType: 'image/png', bytes: 11 },
        headers: { 'Idempotency-Key': 'fill0' },
      });
      expectProblem(other, 422, 'idempotency_key_reused');
      expectProblem(await requestTicket(environment), 503, 'overloaded');
    }
  });

  it('images are admitted again once a remembered refusal is a second old', async () => {
    const { environment, clock } = smallBacklog();
    await fill(environment);
    expectProblem(await requestTicket(environment), 503, 'overloaded');
    await setStatus('ready');
    await pass();
    expectProblem(await requestTicket(environment), 503, 'overloaded');
    clock.now += 1_001;
    expect((await requestTicket(environment)).status).toBe(201);
  });

  it('no sequence of requests exceeds the limit, although images are rarely counted when few are waiting', async () => {
    const clock = { now: 0 };
    const admission = openAdmission({ all: 400 }, () => clock.now);
    const environment = testApi.environment({ admission });
    let admitted = 0;
    while ((await requestTicket(environment)).status === 201) admitted++;
    expect(admitted).toBe(400);
  });
});

describe('a limit for one tenant', () => {
  const tenant = (changes: Partial<ApiParts> = {}) =>
    testApi.environment({ admission: openAdmission({ all: 5, tenant: 2 }, Date.now), ...changes });
  const asOther = (environment: Environment) =>
    environment.call('POST', '/v1/images', {
      key: testApi.keys.other,
      body: { contentType: 'image/png', bytes: 10 },
    });

  it('a full limit of a tenant refuses only that tenant; the limit of all tenants refuses everyone', async () => {
    const environment = tenant();
    await fill(environment, 2);
    expectProblem(await requestTicket(environment), 503, 'overloaded');
    expect((await asOther(environment)).status).toBe(201);
    expect((await asOther(environment)).status).toBe(201);
    expectProblem(await asOther(environment), 503, 'overloaded');
    expect(await testApi.sql('select 1 from image')).toHaveLength(4);
    await testApi.sql(`update image set status = 'ready' where tenant_id = 'other'`);
    await pass();
    await fill(tenant({ admission: openAdmission({ all: 9 }, Date.now) }), 5);
    await pass();
    expectProblem(await asOther(tenant()), 503, 'overloaded');
  });

  it.each(['queued', 'processing'])(
    'the limit of a tenant counts its own images that are %s, and no others',
    async (status) => {
      await fill(tenant(), 2);
      await setStatus(status);
      await pass();
      expectProblem(await requestTicket(tenant()), 503, 'overloaded');
      expect((await asOther(tenant())).status).toBe(201);
    },
  );
});

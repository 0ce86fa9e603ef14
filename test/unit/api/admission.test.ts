import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ApiParts } from '../../../lambda/api/endpoint.ts';
import { openBucket } from '../../../lambda/aws/bucket.ts';
import { openAdmission } from '../../../lambda/policy/admission-memory.ts';
import { expectProblem, expectRetryAfter } from './problems.ts';
import { type Environment, openTestApi, settings, type TestApi } from './test-api.ts';

let house: TestApi;
beforeAll(async () => {
  house = await openTestApi();
});
afterAll(() => house.close());
beforeEach(() => house.sql('delete from idempotency_key; delete from image'));

/** An environment that admits three images, with a clock of the test's own. */
function smallHouse(changes: Partial<ApiParts> = {}) {
  const clock = { now: 1_000_000 };
  const environment = house.environment({
    ...changes,
    settings: { ...settings, admission: { maxBacklog: 3 } },
    admission: openAdmission({ all: 3 }, () => clock.now),
  });
  return { environment, clock };
}
const ask = (environment: Environment, key?: string) =>
  environment.call('POST', '/v1/images', {
    body: { contentType: 'image/png', bytes: 10 },
    headers: key === undefined ? {} : { 'Idempotency-Key': key },
  });
const fill = async (environment: Environment, count = 3) => {
  for (let n = 0; n < count; n++) expect((await ask(environment, `fill${n}`)).status).toBe(201);
};
const setStatus = (status: string, where = 'true') =>
  house.sql(`update image set status = '${status}' where ${where}`);

describe('a full backlog', () => {
  it('is answered 503 with the time to come back, and writes nothing', async () => {
    const { environment } = smallHouse();
    await fill(environment);
    const refused = await ask(environment, 'one too many');
    expectProblem(refused, 503, 'overloaded');
    expectRetryAfter(refused, 600, 600);
    expect(await house.sql('select 1 from image')).toHaveLength(3);
    expect(await house.sql(`select 1 from idempotency_key where key = 'one too many'`)).toEqual([]);
  });

  it.each(['awaiting_upload', 'queued', 'processing'])('is full of images that are %s', async (status) => {
    const { environment } = smallHouse();
    await fill(environment);
    await setStatus(status);
    expectProblem(await ask(environment), 503, 'overloaded');
  });

  it.each(['ready', 'expired'])('is not full of images that are %s', async (status) => {
    const { environment } = smallHouse();
    await fill(environment);
    await setStatus(status);
    expect((await ask(environment)).status).toBe(201);
  });

  it('is not full of images that were deleted', async () => {
    const { environment } = smallHouse();
    await fill(environment);
    for (const { id } of await house.sql<{ id: string }>('select id from image'))
      expect((await environment.call('DELETE', `/v1/images/${id}`)).status).toBe(202);
    expect((await ask(environment)).status).toBe(201);
  });

  it.each(['queued', 'processing'])('is not full of deleted images that were %s', async (status) => {
    const { environment } = smallHouse();
    await fill(environment);
    await setStatus(status);
    await house.sql('update image set deleted_at = now()');
    expect((await ask(environment)).status).toBe(201);
  });

  it('is not full of tickets whose time is over, though the sweep has not come by', async () => {
    const { environment } = smallHouse();
    await fill(environment);
    await house.sql(`update image set ticket_expires_at = now() - interval '1 second'`);
    expect((await ask(environment)).status).toBe(201);
    await house.sql(`update image set status = 'queued'`);
    expectProblem(await ask(smallHouse().environment), 503, 'overloaded');
  });

  it('is not full of uploads that S3 did not take: none is left behind when it is back', async () => {
    const client = new S3Client({ endpoint: 'http://127.0.0.1:1', forcePathStyle: true, maxAttempts: 1 });
    const { environment } = smallHouse({ bucket: openBucket({ bucketName: 'pictures', client }) });
    const direct = () =>
      environment.call('POST', '/v1/images', {
        body: Buffer.from('x'),
        headers: { 'Content-Type': 'image/png' },
      });
    for (let n = 0; n < 7; n++) expectProblem(await direct(), 503, 'storage_unavailable');
    await fill(smallHouse().environment);
    client.destroy();
  });

  it('counts what waits and what is awaited together', async () => {
    const { environment } = smallHouse();
    await fill(environment);
    await setStatus('queued', `id = (select min(id::text)::uuid from image)`);
    await setStatus('processing', `id = (select max(id::text)::uuid from image)`);
    expectProblem(await ask(environment), 503, 'overloaded');
  });

  it('refuses images in bodies as well', async () => {
    const { environment } = smallHouse();
    await fill(environment);
    const direct = await environment.call('POST', '/v1/images', {
      body: Buffer.from('x'),
      headers: { 'Content-Type': 'image/png' },
    });
    expectProblem(direct, 503, 'overloaded');
  });

  it('tells the pace of the last minute: twelve finished, one is wanted, five seconds', async () => {
    const { environment } = smallHouse();
    for (let n = 0; n < 15; n++) await ask(house.environment(), `done${n}`);
    await setStatus('ready');
    await house.sql(
      `update image set updated_at = now() - interval '2 minutes'
       where id in (select id from image limit 3)`,
    );
    await fill(environment);
    const refused = await ask(environment);
    expectRetryAfter(refused, 5, 5);
    await house.sql(
      `update image set updated_at = now() - interval '2 minutes'
       where id in (select id from image where status = 'ready' and updated_at > now() - interval '1 minute' limit 11)`,
    );
    expectRetryAfter(await ask(smallHouse().environment), 60, 60);
  });

  it('does not keep an answered request from its answer, nor another from its 422', async () => {
    const { environment } = smallHouse();
    await fill(environment);
    for (const memory of ['fresh', 'of the refusal']) {
      expect((await ask(environment, 'fill0')).status, memory).toBe(201);
      const other = await environment.call('POST', '/v1/images', {
        body: { contentType: 'image/png', bytes: 11 },
        headers: { 'Idempotency-Key': 'fill0' },
      });
      expectProblem(other, 422, 'idempotency_key_reused');
      expectProblem(await ask(environment), 503, 'overloaded');
    }
  });

  it('opens again as soon as the memory of the refusal is a second old', async () => {
    const { environment, clock } = smallHouse();
    await fill(environment);
    expectProblem(await ask(environment), 503, 'overloaded');
    await setStatus('ready');
    expectProblem(await ask(environment), 503, 'overloaded');
    clock.now += 1_001;
    expect((await ask(environment)).status).toBe(201);
  });

  it('is passed by no sequence of requests, though it counts seldom while there is much room', async () => {
    const clock = { now: 0 };
    const admission = openAdmission({ all: 400 }, () => clock.now);
    const environment = house.environment({ admission });
    let admitted = 0;
    while ((await ask(environment)).status === 201) admitted++;
    expect(admitted).toBe(400);
  });
});

describe('a bound of one tenant', () => {
  const tenant = (changes: Partial<ApiParts> = {}) =>
    house.environment({ admission: openAdmission({ all: 5, tenant: 2 }, Date.now), ...changes });
  const asOther = (environment: Environment) =>
    environment.call('POST', '/v1/images', {
      key: house.keys.other,
      body: { contentType: 'image/png', bytes: 10 },
    });

  it('refuses that tenant and no other, and the bound of all refuses both', async () => {
    const environment = tenant();
    await fill(environment, 2);
    expectProblem(await ask(environment), 503, 'overloaded');
    expect((await asOther(environment)).status).toBe(201);
    expect((await asOther(environment)).status).toBe(201);
    expectProblem(await asOther(environment), 503, 'overloaded');
    expect(await house.sql('select 1 from image')).toHaveLength(4);
    await house.sql(`update image set status = 'ready' where tenant_id = 'other'`);
    await fill(tenant({ admission: openAdmission({ all: 9 }, Date.now) }), 5);
    expectProblem(await asOther(tenant()), 503, 'overloaded');
  });

  it.each(['queued', 'processing'])('counts its images that are %s, and none of others', async (status) => {
    await fill(tenant(), 2);
    await setStatus(status);
    expectProblem(await ask(tenant()), 503, 'overloaded');
    expect((await asOther(tenant())).status).toBe(201);
  });
});

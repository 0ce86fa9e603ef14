import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bearerAuthentication } from '../../../lambda/api/authentication.ts';
import { readRequest } from '../../../lambda/api/http/request.ts';
import { TransientFailure } from '../../../lambda/domain/failure.ts';
import type { Plan } from '../../../lambda/domain/plan.ts';
import type { QuotaStore } from '../../../lambda/domain/quota-store.ts';
import { openAdmission } from '../../../lambda/policy/admission/admission.ts';
import { openQuotas } from '../../../lambda/policy/quotas/quotas.ts';
import { postgresQuotas } from '../../../lambda/postgres/quotas/lease.ts';
import { apiEvent } from './events.ts';
import { expectProblem } from './problems.ts';
import { addTenant, imageQuotas, partsWithPlan, perMonth, usedBy } from './quota-tenants.ts';
import { type Environment, openDatabase, openTestApi, quotasOf, settings, type TestApi } from './test-api.ts';

let testApi: TestApi;
beforeAll(async () => {
  testApi = await openTestApi();
});
afterAll(() => testApi.close());

const withPlan = (quotas: Plan['quotas'], monthEndsInSeconds?: number) =>
  partsWithPlan(testApi, quotas, monthEndsInSeconds);
const newTenant = (api: Environment) => addTenant(testApi, api);
const withKey = (key: string) => ({ headers: { 'Idempotency-Key': key } });

describe('quotas of the API', () => {
  it('a tenant without quotas gets no RateLimit fields, and nothing is counted', async () => {
    const { call, ticket, used } = await newTenant(testApi.environment());
    expect((await call('GET', '/v1/presets')).headers).not.toHaveProperty('RateLimit');
    const { json, headers } = await ticket();
    expect(headers).not.toHaveProperty('RateLimit-Policy');
    expect(await used()).toEqual({});
    expect(await testApi.sql('select charge from image where id = $1', [json.id])).toEqual([
      { charge: null },
    ]);
  });

  it('every request with a key counts, and the fields tell what is left', async () => {
    const { call } = await newTenant(testApi.environment(withPlan({ requests: perMonth(3) })));
    const remaining = [];
    for (const [method, path] of [
      ['GET', '/v1/presets'],
      ['GET', '/v1/images'],
      ['DELETE', `/v1/images/${randomUUID()}`],
    ] as const) {
      const { headers } = await call(method, path);
      expect(headers['RateLimit-Policy']).toBe('"requests-month";q=3;w=2592000');
      remaining.push(headers.RateLimit);
    }
    expect(remaining).toEqual([2, 1, 0].map((left) => `"requests-month";r=${left};t=3600`));
    const refused = await call('GET', '/v1/presets');
    expectProblem(refused, 429, 'quota_exceeded');
    expect(refused.json).toMatchObject({
      type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
      'violated-policies': ['requests-month'],
    });
    expect(refused.headers).toMatchObject({
      'Retry-After': '3600',
      RateLimit: '"requests-month";r=0;t=3600',
      'RateLimit-Policy': '"requests-month";q=3;w=2592000',
    });
    expect(refused.json.detail).toMatch(
      /^The quota "requests-month" is used up\. It opens in \d+ h \d+ min; Retry-After is capped at one hour\.$/,
    );
    expect((await call('GET', '/health')).status).toBe(200);
  });

  it.each([
    [90, '90', 'Try again in 90 seconds.'],
    [3_600, '3600', 'Try again in 3600 seconds.'],
    [3_601, '3600', 'It opens in 1 h 1 min; Retry-After is capped at one hour.'],
    [7_150, '3600', 'It opens in 2 h 0 min; Retry-After is capped at one hour.'],
  ])('%i s before the end of the month the fields say %s, and the refusal: %s', async (ends, told, when) => {
    const { call } = await newTenant(testApi.environment(withPlan({ requests: perMonth(1) }, ends)));
    expect((await call('GET', '/v1/presets')).headers.RateLimit).toBe(`"requests-month";r=0;t=${told}`);
    const refused = await call('GET', '/v1/presets');
    expectProblem(refused, 429, 'quota_exceeded');
    expect(refused.headers).toMatchObject({
      'Retry-After': told,
      RateLimit: `"requests-month";r=0;t=${told}`,
    });
    expect(refused.json.detail).toBe(`The quota "requests-month" is used up. ${when}`);
  });

  it('a rate is told as a bucket, and Retry-After is when a request fits', async () => {
    const { call } = await newTenant(testApi.environment(withPlan({ requests: { perMinute: 1, burst: 2 } })));
    expect((await call('GET', '/v1/presets')).headers).toMatchObject({
      'RateLimit-Policy': '"requests-burst";q=2;w=120',
      RateLimit: '"requests-burst";r=1;t=60',
    });
    await call('GET', '/v1/presets');
    const refused = await call('GET', '/v1/presets');
    expectProblem(refused, 429, 'quota_exceeded');
    expect(Number(refused.headers['Retry-After'])).toBeGreaterThan(30);
    expect(Number(refused.headers['Retry-After'])).toBeLessThanOrEqual(60);
    expect(refused.json.detail).toBe(
      `The quota "requests-burst" is used up. Try again in ${refused.headers['Retry-After']} seconds.`,
    );
  });

  it('an image takes a place, its bytes and the megapixels that its type may have', async () => {
    const { tenant, ticket, used } = await newTenant(testApi.environment(withPlan(imageQuotas)));
    const { status, json, headers } = await ticket();
    expect(status).toBe(201);
    expect(headers['RateLimit-Policy']).toBe(
      '"images-month";q=2;w=2592000, "bytes-month";q=30000000;qu="content-bytes";w=2592000, ' +
        '"megapixels-month";q=1000;sluice-unit="megapixels";w=2592000',
    );
    expect(headers.RateLimit).toBe(
      '"images-month";r=1;t=3600, "bytes-month";r=29999000;t=3600, "megapixels-month";r=936;t=3600',
    );
    expect(await used()).toEqual({ images: 1, bytes: 1_000, megapixels: 64 });
    const [row] = await testApi.sql<{ charge: object }>('select charge from image where id = $1', [json.id]);
    expect(row?.charge).toMatchObject({ images: 1, bytes: 1_000, megapixels: 64 });
    await ticket();
    const refused = await ticket();
    expectProblem(refused, 429, 'quota_exceeded');
    expect(refused.json['violated-policies']).toEqual(['images-month']);
    expect(await testApi.sql('select 1 from image where tenant_id = $1', [tenant])).toHaveLength(2);
  });

  it('a repeated request takes nothing, and gets its response when the quota is used up', async () => {
    const { ticket, used } = await newTenant(testApi.environment(withPlan(imageQuotas)));
    const first = await ticket(withKey('a'));
    const again = await ticket(withKey('a'));
    expect([again.status, again.json.id]).toEqual([201, first.json.id]);
    await ticket(withKey('b'));
    expectProblem(await ticket(withKey('c')), 429, 'quota_exceeded');
    const late = await ticket(withKey('a'));
    expect([late.status, late.json.id]).toEqual([201, first.json.id]);
    expectProblem(await ticket(withKey('a'), 2_000), 422, 'idempotency_key_reused');
    expect((await used()).images).toBe(2);
  });

  it('a request that admission refuses gives back what it took', async () => {
    const plans = withPlan(imageQuotas);
    const refusing = testApi.environment({
      ...plans,
      admission: {
        ...openAdmission(settings.admission, () => performance.now()),
        decide: () => ({
          admitted: false,
          code: 'overloaded',
          reason: 'everyone',
          retryAfterSeconds: 5,
          capped: false,
          allowed: 0,
          withdraw() {},
        }),
      },
    });
    const { ticket, used } = await newTenant(refusing);
    for (let count = 0; count < 5; count += 1) expectProblem(await ticket(), 503, 'overloaded');
    expect((await used()).images).toBeLessThanOrEqual(2);
  });

  it('a direct upload that cannot be stored gives back what it took', async () => {
    const failing = testApi.environment({
      ...withPlan(imageQuotas),
      bucket: {
        headOriginal: async () => undefined,
        putOriginal: async () => {
          throw new TransientFailure('storage_unavailable', 'away');
        },
      },
    });
    const { call, used } = await newTenant(failing);
    const upload = { body: Buffer.from('picture'), headers: { 'Content-Type': 'image/png' } };
    for (let count = 0; count < 4; count += 1)
      expectProblem(await call('POST', '/v1/images', upload), 503, 'storage_unavailable');
    expect((await used()).megapixels).toBe(0);
  });

  it('a database that is away is no refusal, and admits nothing', async () => {
    const api = testApi.environment(withPlan(imageQuotas));
    const { ticket, call, key } = await newTenant(api);
    expect((await ticket()).status).toBe(201);
    const away = testApi.environment({
      ...withPlan(imageQuotas),
      quotas: openQuotas({
        store: postgresQuotas(openDatabase({ ...testApi.database, port: 1 })),
        plans: { default: { weight: 1, quotas: { ...imageQuotas, requests: perMonth(1) } } },
        limits: settings.limits,
        clock: () => ({ monotonic: 0, wall: 0 }),
      }),
    });
    expectProblem(await away.call('GET', '/v1/presets', { key }), 503, 'database_unavailable');
    expect((await call('GET', '/v1/presets')).status).toBe(200);
  });

  it.each([
    ['with quotas', imageQuotas],
    ['without quotas', {}],
  ])('a tenant %s that is removed in mid-flood gets 401, not 500', async (_, quotas) => {
    const { tenant, ticket } = await newTenant(testApi.environment(withPlan(quotas)));
    expect((await ticket()).status).toBe(201);
    await testApi.sql('delete from image where tenant_id = $1', [tenant]);
    await testApi.sql('delete from api_key where tenant_id = $1', [tenant]);
    await testApi.sql('delete from tenant where id = $1', [tenant]);
    const responses = await Promise.all(Array.from({ length: 5 }, () => ticket()));
    for (const response of responses) expectProblem(response, 401, 'unauthenticated');
    expect(await usedBy(testApi, tenant)).toEqual({});
  });

  it('plans of operators override those of the configuration, and a missing one falls back', async () => {
    const plans = {
      default: { weight: 1, quotas: { requests: perMonth(100) } },
      pro: { weight: 2, quotas: { requests: perMonth(200) } },
    };
    const quotaOf = async (plan: string | null) => {
      const { tenant, call } = await newTenant(testApi.environment({ settings: { ...settings, plans } }));
      await testApi.sql('update tenant set plan = $2 where id = $1', [tenant, plan]);
      return (await call('GET', '/v1/presets')).headers['RateLimit-Policy']?.match(/q=(\d+)/)?.[1];
    };
    const set = (name: string, bound: number) =>
      testApi.sql('insert into plan (name, terms) values ($1, $2)', [
        name,
        { weight: 1, quotas: { requests: perMonth(bound) } },
      ]);
    expect([await quotaOf(null), await quotaOf('pro'), await quotaOf('gone')]).toEqual(['100', '200', '100']);
    try {
      await set('pro', 300);
      await set('gone', 400);
      expect([await quotaOf('pro'), await quotaOf('gone')]).toEqual(['300', '400']);
      await testApi.sql("delete from plan where name = 'gone'");
      expect(await quotaOf('gone')).toBe('100');
      await set('default', 500);
      expect([await quotaOf(null), await quotaOf('gone')]).toEqual(['500', '500']);
    } finally {
      await testApi.sql('delete from plan');
    }
  });

  it('a warm environment knows another plan of a tenant after 30 seconds', async () => {
    const { tenant, key } = await newTenant(testApi.environment());
    let now = 0;
    const authenticate = bearerAuthentication({ now: () => now });
    const request = readRequest(apiEvent('GET', '/v1/presets', { key }));
    const database = openDatabase(testApi.database);
    const planNow = async () => (await authenticate(request, database)).stored.plan;
    expect(await planNow()).toBeNull();
    await testApi.sql("update tenant set plan = 'pro' where id = $1", [tenant]);
    expect(await planNow()).toBeNull();
    now = 30_000;
    expect(await planNow()).toBe('pro');
    await database.close();
  });

  it('unspent quota returns to the database with a later request', async () => {
    let seconds = 0;
    const plan = withPlan({ requests: perMonth(1_000_000) });
    const api = testApi.environment({
      ...plan,
      quotas: quotasOf(plan.database, plan.settings, () => ({ monotonic: seconds, wall: 0 })),
    });
    const { call, used } = await newTenant(api);
    for (let count = 0; count < 20; count += 1) await call('GET', '/v1/presets');
    expect((await used()).requests).toBeGreaterThan(20);
    seconds = 5;
    await call('GET', '/v1/presets');
    seconds = 10;
    await call('GET', '/v1/presets');
    expect((await used()).requests).toBe(22);
  });

  it('a fault of giving back fails no request', async () => {
    const store: QuotaStore = postgresQuotas(openDatabase(testApi.database));
    const quotas = openQuotas({
      store,
      plans: { default: { weight: 1, quotas: {} } },
      limits: settings.limits,
      clock: () => ({ monotonic: 0, wall: 0 }),
    });
    const api = testApi.environment({
      quotas: {
        ...quotas,
        flush: async () => {
          throw new TransientFailure('database_unavailable', 'away');
        },
      },
    });
    expect((await api.call('GET', '/v1/presets')).status).toBe(200);
    expect(testApi.lines.at(-2)?.message).toBe('Unused quota was not given back');
  });
});

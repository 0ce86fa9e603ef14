import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { TransientFailure } from '../../../lambda/domain/failure.ts';
import { openAdmission } from '../../../lambda/policy/admission/admission.ts';
import { decodeNews } from '../../../lambda/policy/admission/turns-blob.ts';
import { expectProblem, expectRetryAfter } from './problems.ts';
import { admitting, type Environment, openDatabase, openTestApi, type TestApi } from './test-api.ts';

let testApi: TestApi;
beforeAll(async () => {
  testApi = await openTestApi();
});
afterAll(() => testApi.close());
const opened: { close(): Promise<void> }[] = [];
beforeEach(async () => {
  await testApi.sql('delete from idempotency_key; delete from image; delete from drain_interval');
  await testApi.forgetEnvironments();
});
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

/** An environment that admits three images of a tenant at one a second, with a clock and a database that can be away. */
function environmentOf(plan: object = {}) {
  const state = { now: 1_000_000, away: false, asked: 0 };
  const { settings } = admitting(3);
  const real = openDatabase(testApi.database);
  const unavailable = openDatabase({ ...testApi.database, port: 1 });
  opened.push(real, unavailable);
  const admission = openAdmission(settings.admission, () => state.now);
  const environment = testApi.environment({
    settings: { ...settings, plans: { default: { weight: 1, quotas: {}, ...plan } } },
    admission,
    database: {
      ...real,
      run(work, options) {
        state.asked += 1;
        return (state.away ? unavailable : real).run(work, options);
      },
    },
  });
  return { environment, state };
}
const pass = () => testApi.sql("update backlog_roll_up set rolled_at = rolled_at - interval '1 second'");
const ticket = ({ call }: Environment, key?: string, apiKey = testApi.keys.acme) =>
  call('POST', '/v1/images', {
    key: apiKey,
    body: { contentType: 'image/png', bytes: 10 },
    headers: key === undefined ? {} : { 'Idempotency-Key': key },
  });
const told = (response: { headers: Record<string, string> }) => Number(response.headers['Retry-After']);

describe('while the database is away, an environment with a snapshot', () => {
  it('admits nothing, and gives each request a turn of its own, which an early repeat keeps', async () => {
    const { environment, state } = environmentOf();
    expect((await ticket(environment, 'before')).status).toBe(201);
    state.away = true;
    state.now += 1_001;
    const news = vi.spyOn(environment.parts.admission, 'news');
    const waits: number[] = [];
    for (let n = 0; n < 12; n += 1) {
      const response = await ticket(environment, `key${n}`);
      expectProblem(response, 503, 'database_unavailable');
      waits.push(told(response));
    }
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(5);
    // At one photograph a second, of which these are three quarters.
    expect(Math.max(...waits)).toBeGreaterThanOrEqual(5 + 12 * 0.75 * 0.75);
    expect(new Set(waits).size).toBeGreaterThan(6);
    expect(told(await ticket(environment, 'key11'))).toBeLessThanOrEqual(waits.at(-1) ?? 0);
    expect(await testApi.sql('select 1 from image')).toHaveLength(1);
    // They may be thousands of turns, and are collected only for a connection that is there.
    expect(news).not.toHaveBeenCalled();
  });

  it('answers a repeated request with 503, and afterwards with its response', async () => {
    const { environment, state } = environmentOf();
    const first = await ticket(environment, 'mine');
    state.away = true;
    expectProblem(await ticket(environment, 'mine'), 503, 'database_unavailable');
    state.away = false;
    state.now += 1_001;
    const again = await ticket(environment, 'mine');
    expect([again.status, again.json.id]).toEqual([201, first.json.id]);
    expect(again.headers['Idempotency-Replayed']).toBe('true');
    expect(await testApi.sql('select 1 from image')).toHaveLength(1);
  });

  it('keeps the order: who came in the outage is let in before who comes afterwards, in any environment', async () => {
    const { environment, state } = environmentOf();
    for (let n = 0; n < 3; n += 1) await ticket(environment, `fill${n}`);
    state.away = true;
    state.now += 1_001;
    const seconds = told(await ticket(environment, 'first'));
    for (let n = 0; n < 8; n += 1) await ticket(environment, `later${n}`);
    // Its turn falls into the outage: it gets another, and is not behind those that came after it.
    state.now += seconds * 1_000;
    const again = told(await ticket(environment, 'first'));
    state.away = false;
    await testApi.sql(`update image set status = 'ready' where true`);
    await pass();
    state.now += again * 1_000;
    await ticket(environment, 'later7');
    const other = environmentOf().environment;
    expectProblem(await ticket(other, 'new'), 429, 'backlog_share');
    expect((await ticket(other, 'first')).status).toBe(201);
  });

  it('gives turns for bodies and for several tickets, told when the last of them has come', async () => {
    const { environment, state } = environmentOf();
    await ticket(environment);
    state.away = true;
    const body = await environment.call('POST', '/v1/images', {
      body: Buffer.from('x'),
      headers: { 'Content-Type': 'image/png' },
    });
    const tickets = Array.from({ length: 10 }, (_, n) => ({ contentType: 'image/png', bytes: n + 1 }));
    const several = await environment.call('POST', '/v1/tickets', { body: { tickets } });
    for (const response of [body, several]) expectProblem(response, 503, 'database_unavailable');
    expect(told(several)).toBeGreaterThan(told(body) + 4);
    // Some were refused before the others failed: each has one turn.
    const news = decodeNews(environment.parts.admission.news() ?? Buffer.alloc(0));
    const turns = (of: 'promised' | 'ended') =>
      news?.lines.reduce((sum, line) => sum + line[of].length, 0) ?? 0;
    expect(turns('ended')).toBeGreaterThan(0);
    expect(turns('promised') - turns('ended')).toBe(11);
    state.now += 1_001;
    const invalid = { tickets: [{ contentType: 'image/none', bytes: 1 }] };
    expectRetryAfter(await environment.call('POST', '/v1/tickets', { body: invalid }), 5, 60);
  });

  it('gives a turn also if only a quota could not be asked for', async () => {
    const requests = { perMonth: 1_000 };
    const { environment, state } = environmentOf({ quotas: { requests, images: requests } });
    await ticket(environment);
    state.away = true;
    state.asked = 0;
    const waits: number[] = [];
    for (let n = 0; n < 99; n += 1) waits.push(told(await ticket(environment, `key${n}`)));
    expect(Math.max(...waits)).toBeGreaterThan(60);
    state.now += 1_001;
    const tickets = Array.from({ length: 10 }, () => ({ contentType: 'image/png', bytes: 10 }));
    const several = await environment.call('POST', '/v1/tickets', { body: { tickets } });
    expectProblem(several, 503, 'database_unavailable');
    expect(told(several)).toBeGreaterThan(60);
    // Each has found that the database is away, and nothing else asks it.
    expect(state.asked).toBe(100);
  });
});

it('a database that is only slow is none that is away: nothing is promised', async () => {
  const { environment } = environmentOf();
  const { database, admission } = environment.parts;
  let isSlow = false;
  const run: typeof database.run = (...args) =>
    isSlow ? Promise.reject(new TransientFailure('statement_timeout', 'slow')) : database.run(...args);
  const slow = testApi.environment({ ...environment.parts, database: { ...database, run } });
  expect((await ticket(slow)).status).toBe(201);
  isSlow = true;
  expectProblem(await ticket(slow), 503, 'database_slow');
  expect(admission.news()).toBeUndefined();
});

describe('while the database is away', () => {
  it('a cold environment spreads its requests over a minute and more', async () => {
    const { environment, state } = environmentOf();
    state.away = true;
    const waits: number[] = [];
    for (let n = 0; n < 30; n += 1) {
      const response = await ticket(environment, `key${n}`);
      expectProblem(response, 503, 'database_unavailable');
      waits.push(told(response));
    }
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(5);
    expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(25);
  });

  it('an unknown key gets no turn, however often it asks', async () => {
    const { environment, state } = environmentOf();
    await ticket(environment);
    state.away = true;
    for (let n = 0; n < 100; n += 1) {
      const response = await ticket(environment, `key${n}`, `sluice_${n}`);
      expectProblem(response, 503, 'database_unavailable');
      expectRetryAfter(response, 5, 60);
    }
    expect(told(await ticket(environment, 'mine'))).toBeLessThanOrEqual(10);
  });

  it('those that read are spread too', async () => {
    const { environment, state } = environmentOf();
    await ticket(environment);
    state.away = true;
    const waits = new Set<number>();
    for (let n = 0; n < 40; n += 1) {
      const response = await environment.call('GET', '/v1/images');
      expectProblem(response, 503, 'database_unavailable');
      expectRetryAfter(response, 5, 15);
      waits.add(told(response));
    }
    expect(waits.size).toBeGreaterThan(4);
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { expectProblem } from './problems.ts';
import { admitting, type Environment, openTestApi, type TestApi } from './test-api.ts';

let testApi: TestApi;
beforeAll(async () => {
  testApi = await openTestApi();
});
afterAll(() => testApi.close());
beforeEach(async () => {
  await testApi.sql('delete from idempotency_key; delete from image; delete from drain_interval');
  await testApi.forgetEnvironments();
});

/** The next snapshot of any environment has what is there now. */
const pass = () => testApi.sql("update backlog_roll_up set rolled_at = rolled_at - interval '1 second'");
const ticket = { contentType: 'image/png', bytes: 10 };
const requestTicket = (environment: Environment, more: object = {}) =>
  environment.call('POST', '/v1/images', { body: { ...ticket, ...more } });
const asOther = (environment: Environment, more: object = {}) =>
  environment.call('POST', '/v1/images', { key: testApi.keys.other, body: { ...ticket, ...more } });
const direct = (environment: Environment, query: Record<string, string>) =>
  environment.call('POST', '/v1/images', {
    body: Buffer.from('x'),
    headers: { 'Content-Type': 'image/png' },
    query,
  });
const fill = async (environment: Environment, count: number) => {
  for (let n = 0; n < count; n++) expect((await requestTicket(environment)).status).toBe(201);
};

describe('bulk', () => {
  it('is refused while others of the same tenant are admitted, by the request, and by all of its presets', async () => {
    const { settings } = admitting(9);
    const presets = Object.fromEntries(
      Object.entries(settings.presets).map(([name, preset]) => [
        name,
        { ...preset, priority: 'bulk' as const },
      ]),
    );
    const environment = testApi.environment({ settings });
    await fill(environment, 6);
    const bulk = { priority: 'bulk' };
    expectProblem(await requestTicket(environment, bulk), 503, 'overloaded');
    expectProblem(await direct(environment, bulk), 503, 'overloaded');
    await pass();
    const cheap = testApi.environment({ settings: { ...settings, presets } });
    expectProblem(await requestTicket(cheap), 503, 'overloaded');
    expect((await requestTicket(cheap, { priority: 'normal' })).status).toBe(201);
    expect((await requestTicket(environment)).status).toBe(201);
  });

  it('is what all images of a plan may be, whatever the request says', async () => {
    const { settings } = admitting(9);
    const planOf = () => ({ weight: 1, priority: 'bulk' as const, quotas: {} });
    const { quotas } = testApi.environment().parts;
    await fill(testApi.environment({ settings }), 6);
    await testApi.sql(`update image set status = 'queued'`);
    await pass();
    const planned = testApi.environment({ settings, quotas: { ...quotas, planOf } });
    expectProblem(await asOther(planned, { priority: 'normal' }), 503, 'overloaded');
    expect((await asOther(testApi.environment({ settings }))).status).toBe(201);
  });

  it('an unknown priority is a mistake', async () => {
    const response = await requestTicket(testApi.environment(), { priority: 'high' });
    expect(expectProblem(response, 400, 'invalid_request')[0]?.path).toBe('priority');
  });
});

import { afterAll, beforeAll, expect, it } from 'vitest';
import { recordMetrics } from '../../support/metrics.ts';
import { admitting, openTestApi, type TestApi } from './test-api.ts';

let testApi: TestApi;
beforeAll(async () => {
  testApi = await openTestApi();
});
afterAll(() => testApi.close());

it('each admitted image is counted once, and each refused request by its code', async () => {
  const { metrics, recorded } = recordMetrics();
  const api = testApi.environment({
    metrics,
    ...admitting(2),
  });
  const take = () =>
    recorded.splice(0).map(({ name, dimensions, value }) => ({ name, ...dimensions, value }));
  const admitted = { name: 'ImagesAdmitted', Priority: 'normal', value: 1 };
  const refused = (Code: string) => ({ name: 'RequestsRefused', Code, value: 1 });
  const ticket = (key: string) =>
    api.call('POST', '/v1/images', {
      body: { contentType: 'image/png', bytes: 10 },
      headers: { 'Idempotency-Key': key },
    });

  await ticket('one');
  await api.call('POST', '/v1/images', {
    body: Buffer.from('x'),
    headers: { 'Content-Type': 'image/png' },
  });
  expect(take()).toEqual([admitted, admitted]);
  await ticket('one');
  expect(take(), 'a repeated request makes no image').toEqual([]);
  await ticket('two');
  await ticket('three');
  const share = { name: 'ImagesRefused', Reason: 'share', value: 1 };
  expect(take()).toEqual([share, refused('backlog_share'), share, refused('backlog_share')]);
  await api.call('GET', '/v1/images/00000000-0000-7000-8000-000000000000');
  await api.call('PUT', '/v1/images');
  await api.call('GET', '/v1/images', { key: 'sluice_unknown' });
  expect(take()).toEqual([refused('not_found'), refused('method_not_allowed'), refused('unauthenticated')]);
  await api.call('GET', '/health');
  expect(take()).toEqual([]);
});

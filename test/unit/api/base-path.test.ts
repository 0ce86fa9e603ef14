import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations } from '../../../lambda/api/openapi/operations.ts';
import { type RouteName, routes } from '../../../lambda/domain/routes.ts';
import { apiEvent } from './events.ts';
import { decode, type Environment, openTestApi, type TestApi } from './test-api.ts';

let testApi: TestApi;
let api: Environment;
beforeAll(async () => {
  testApi = await openTestApi();
  api = testApi.environment();
});
afterAll(() => testApi.close());

describe('a custom domain with a base path', () => {
  const mapped = (method: string, path: string, options = {}) => {
    const event = apiEvent(method, path, { key: testApi.keys.acme, ...options });
    return {
      ...event,
      path: `/pictures${path}`,
      requestContext: { ...event.requestContext, path: `/pictures${path}` },
    };
  };

  const creating: [RouteName, object][] = [
    ['createImage', { contentType: 'image/png', bytes: 5 }],
    ['createWebhook', { url: 'https://hooks.example.com/sluice' }],
    ['createExport', {}],
  ];

  it.each(creating)(
    '%s has the path of the client in Location, also when it is repeated',
    async (name, body) => {
      const path = routes[name].path;
      const headers = { 'Idempotency-Key': name };
      const make = async () => decode(await api.handle(mapped('POST', path, { body, headers })));
      const made = await make();
      expect([201, 202]).toContain(made.status);
      expect(made.headers.Location).toBe(`/pictures${path}/${made.json.id}`);
      const found = decode(await api.handle(mapped('GET', `${path}/${made.json.id}`)));
      expect(found.json.id).toBe(made.json.id);
      const again = await make();
      expect(again.headers.Location).toBe(`/pictures${path}/${again.json.id}`);
    },
  );

  it('these are all operations with a Location', () => {
    const located = Object.entries(operations).filter(([, { responses }]) =>
      Object.values(responses).some(({ headers }) => headers?.includes('Location')),
    );
    expect(located.map(([name]) => name).sort()).toEqual(creating.map(([name]) => name).sort());
  });

  it('a route without a key works behind a base path', async () => {
    expect(decode(await api.handle(mapped('GET', '/health'))).status).toBe(200);
  });
});

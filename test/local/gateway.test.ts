import { request as httpRequest } from 'node:http';
import { describe, expect, test } from 'vitest';
import { RequestTooLarge } from '../../local/lambda/definition.ts';
import { fine, open, problemOf, start } from './gateway-fixture.ts';
import { startHost, temporaryFolder, tinyFunction } from './test-host.ts';

describe('the event', () => {
  test('the event has the form of a REST API: resource, path, variables, query, headers, context', async () => {
    const { gateway, events } = await open(fine);
    await fetch(`${gateway.url}/v1/images/a%20b?x=1&x=2&y=%C3%BC+z&__proto__=p`, {
      headers: { 'X-Custom': 'one', 'User-Agent': 'tester' },
    });
    const [event] = events;
    expect(event).toMatchObject({
      resource: '/v1/images/{id}',
      path: '/v1/images/a%20b',
      httpMethod: 'GET',
      pathParameters: { id: 'a b' },
      multiValueQueryStringParameters: { x: ['1', '2'], y: ['ü z'] },
      queryStringParameters: { x: '2', y: 'ü z' },
      body: null,
      isBase64Encoded: false,
      stageVariables: null,
      requestContext: {
        resourcePath: '/v1/images/{id}',
        httpMethod: 'GET',
        path: '/v1/images/a%20b',
        stage: 'local',
        domainName: '127.0.0.1',
        identity: { sourceIp: '127.0.0.1', userAgent: 'tester' },
      },
    });
    expect(event?.requestContext.requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(event?.requestContext.requestTime).toMatch(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/);
    const names = Object.keys(event?.headers ?? {}).map((name) => name.toLowerCase());
    expect(names).toContain('x-custom');
    expect(Object.keys(event?.queryStringParameters ?? {})).toContain('__proto__');
  });

  test.each(['PUT', 'OPTIONS', 'HEAD', 'PATCH'])(
    'the gateway forwards %s of a known path',
    async (method) => {
      const { gateway, events } = await open({ statusCode: 405, body: '' });
      await new Promise((done, fail) => {
        httpRequest(`${gateway.url}/v1/images/1`, { method }, (response) => response.resume().on('end', done))
          .on('error', fail)
          .end(method === 'PATCH' ? '{}' : undefined);
      });
      expect(events).toMatchObject([{ httpMethod: method, resource: '/v1/images/{id}' }]);
    },
  );

  test('the event has null without a query or variables', async () => {
    const { gateway, events } = await open(fine);
    await fetch(`${gateway.url}/health`);
    expect(events[0]).toMatchObject({
      pathParameters: null,
      queryStringParameters: null,
      multiValueQueryStringParameters: null,
    });
  });

  test('the event contains an image as base64 and JSON as text', async () => {
    const { gateway, events } = await open(fine);
    const bytes = new Uint8Array([0xff, 0xd8, 0, 0x80]);
    const post = (body: string | Uint8Array<ArrayBuffer>, type: string) =>
      fetch(`${gateway.url}/v1/images`, { method: 'POST', body, headers: { 'content-type': type } });
    await post(bytes, 'image/jpeg');
    await post('{"a":"ü"}', 'application/json; charset=utf-8');
    expect(events.map(({ body, isBase64Encoded }) => [body, isBase64Encoded])).toEqual([
      [Buffer.from(bytes).toString('base64'), true],
      ['{"a":"ü"}', false],
    ]);
  });
});

describe('the response', () => {
  test('the function’s response reaches the client: status, headers, repeated headers, body', async () => {
    const { gateway } = await open({
      statusCode: 201,
      headers: { Location: '/v1/images/1', 'Content-Type': 'text/plain' },
      multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'] },
      body: 'grün',
    });
    const response = await fetch(`${gateway.url}/health`);
    expect(response.status).toBe(201);
    expect(response.headers.get('location')).toBe('/v1/images/1');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(await response.text()).toBe('grün');
  });

  test('a base64 response is sent as bytes', async () => {
    const body = Buffer.from([1, 2, 250]).toString('base64');
    const { gateway } = await open({ statusCode: 200, body, isBase64Encoded: true });
    const response = await fetch(`${gateway.url}/`);
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([1, 2, 250]);
  });

  test('the response to HEAD has no body, and no length where only GET would know it', async () => {
    const { gateway } = await open({ statusCode: 200, headers: { ETag: '"a"' }, body: '' });
    const response = await fetch(`${gateway.url}/health`, { method: 'HEAD' });
    expect([response.status, response.headers.get('etag')]).toEqual([200, '"a"']);
    expect(response.headers.get('content-length')).toBeNull();
  });

  test('a 304 has no body and no length', async () => {
    const { gateway } = await open({ statusCode: 304, headers: { ETag: '"a"' }, body: '' });
    const response = await fetch(`${gateway.url}/health`);
    expect([response.status, response.headers.get('etag'), await response.text()]).toEqual([304, '"a"', '']);
  });

  test.each([
    'null',
    '{}',
    '"text"',
    '{"statusCode":"ok"}',
    '{"statusCode":200,"body":{}}',
    '{"statusCode":99}',
    'x',
  ])('the response %s of the function is malformed', async (payload) => {
    const { gateway } = await open(payload);
    expect(await problemOf(await fetch(`${gateway.url}/health`))).toEqual([
      503,
      'unavailable',
      'MalformedProxyResponse',
    ]);
  });

  test('the response is a problem with Retry-After when the function is throttled, times out or crashes', async () => {
    const home = temporaryFolder();
    const host = await startHost(home);
    const source = `export const handler = async ({ path }) => {
      if (path === '/health') process.exit(1);
      await new Promise((done) => setTimeout(done, 60_000)); };`;
    host.add(tinyFunction(home, 'api', source, { timeoutSeconds: 1, maxConcurrency: 1 }));
    const gateway = await start();
    const invoke = (event: unknown) => host.invoke('api', event);
    gateway.open({ apiKey: 'k', invoke, stream: invoke });
    const [late, refused] = await Promise.all([
      fetch(`${gateway.url}/v1/presets`),
      fetch(`${gateway.url}/v1/presets`),
    ]);
    expect(late.headers.get('retry-after')).toBe('5');
    const seen = [await problemOf(late), await problemOf(refused)].map(([status, , type]) => [status, type]);
    expect(seen.sort()).toEqual([
      [503, 'GatewayTimeout'],
      [503, 'TooManyRequestsException'],
    ]);
    expect(await problemOf(await fetch(`${gateway.url}/health`))).toEqual([
      503,
      'unavailable',
      'InternalServerErrorException',
    ]);
  });

  test('the response is a problem when the event exceeds Lambda’s limit', async () => {
    const { gateway } = await open(() => {
      throw new RequestTooLarge('6 MB');
    });
    expect((await problemOf(await fetch(`${gateway.url}/health`))).slice(0, 2)).toEqual([413, 'too_large']);
  });

  test('the response to an unexpected error is a problem, and the error is logged', async () => {
    const { gateway, trouble } = await open(() => {
      throw new TypeError('a mistake of ours');
    });
    expect((await problemOf(await fetch(`${gateway.url}/health`))).slice(0, 2)).toEqual([503, 'unavailable']);
    expect(trouble.join()).toContain('a mistake of ours');
  });

  test('the response is 503 before everything has started', async () => {
    const gateway = await start();
    expect((await problemOf(await fetch(`${gateway.url}/health`))).slice(0, 2)).toEqual([503, 'unavailable']);
  });
});

import { request as httpRequest } from 'node:http';
import { createServer } from 'node:net';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { describe, expect, onTestFinished, test } from 'vitest';
import { binaryMediaTypes, routes } from '../../lib/functions/routes.ts';
import { type Backend, type RunningGateway, startGateway } from '../../local/gateway/gateway.ts';
import { matchRoute } from '../../local/gateway/match.ts';
import { RequestTooLarge } from '../../local/lambda/definition.ts';
import { eventually, startHost, temporaryFolder, tinyFunction } from './workshop.ts';

type Answer = object | string | (() => never);

/** A gateway whose function answers what it is given, and keeps the events. */
async function open(
  answer: Answer | ((event: APIGatewayProxyEvent) => Answer | Promise<Answer>),
  concurrency = 4,
) {
  const events: APIGatewayProxyEvent[] = [];
  const trouble: string[] = [];
  const gateway = await start({ concurrency, onTrouble: (line) => trouble.push(line) });
  const invoke: Backend['invoke'] = async (event) => {
    events.push(event as APIGatewayProxyEvent);
    const given = typeof answer === 'function' ? await answer(event as APIGatewayProxyEvent) : answer;
    const payload = typeof given === 'string' ? given : JSON.stringify(given);
    return { ok: true, requestId: 'r', payload };
  };
  gateway.open({ apiKey: 'sluice_key', invoke });
  return { gateway, events, trouble };
}

async function start(options: Partial<Parameters<typeof startGateway>[0]> = {}): Promise<RunningGateway> {
  const gateway = await startGateway({
    port: 0,
    routes,
    binaryMediaTypes,
    concurrency: 4,
    onTrouble: () => undefined,
    ...options,
  });
  onTestFinished(() => gateway.close());
  return gateway;
}

const fine = { statusCode: 200, body: '{}' };

async function problemOf(response: Response): Promise<[number, string, string | null]> {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const problem = (await response.json()) as { status: number; code: string; instance: string };
  expect(problem.status).toBe(response.status);
  expect(problem.instance).toMatch(/^urn:sluice:request:/);
  return [response.status, problem.code, response.headers.get('x-amzn-errortype')];
}

describe('the event', () => {
  test('is that of a REST API: resource, path, variables, query, headers, context', async () => {
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

  test('has null where there is no query and no variable', async () => {
    const { gateway, events } = await open(fine);
    await fetch(`${gateway.url}/health`);
    expect(events[0]).toMatchObject({
      pathParameters: null,
      queryStringParameters: null,
      multiValueQueryStringParameters: null,
    });
  });

  test('carries an image as base64 and JSON as text', async () => {
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

describe('the answer', () => {
  test('of the function reaches the client: status, headers, repeated headers, body', async () => {
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

  test('in base64 is sent as bytes', async () => {
    const body = Buffer.from([1, 2, 250]).toString('base64');
    const { gateway } = await open({ statusCode: 200, body, isBase64Encoded: true });
    const response = await fetch(`${gateway.url}/`);
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([1, 2, 250]);
  });

  test('304 has no body and no length', async () => {
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
  ])('%s of the function is a malformed one', async (payload) => {
    const { gateway } = await open(payload);
    expect(await problemOf(await fetch(`${gateway.url}/health`))).toEqual([
      503,
      'overloaded',
      'MalformedProxyResponse',
    ]);
  });

  test('is a problem with Retry-After when the function is throttled, times out or crashes', async () => {
    const home = temporaryFolder();
    const host = await startHost(home);
    const source = `export const handler = async ({ path }) => {
      if (path === '/health') process.exit(1);
      await new Promise((done) => setTimeout(done, 60_000)); };`;
    host.add(tinyFunction(home, 'api', source, { timeoutSeconds: 1, maxConcurrency: 1 }));
    const gateway = await start();
    gateway.open({ apiKey: 'k', invoke: (event) => host.invoke('api', event) });
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
      'overloaded',
      'InternalServerErrorException',
    ]);
  });

  test('is a problem when the event is above what Lambda takes', async () => {
    const { gateway } = await open(() => {
      throw new RequestTooLarge('6 MB');
    });
    expect((await problemOf(await fetch(`${gateway.url}/health`))).slice(0, 2)).toEqual([413, 'too_large']);
  });

  test('to what nobody thought of is a problem too, and is noted', async () => {
    const { gateway, trouble } = await open(() => {
      throw new TypeError('a mistake of ours');
    });
    expect((await problemOf(await fetch(`${gateway.url}/health`))).slice(0, 2)).toEqual([503, 'overloaded']);
    expect(trouble.join()).toContain('a mistake of ours');
  });

  test('before everything is up is 503', async () => {
    const gateway = await start();
    expect((await problemOf(await fetch(`${gateway.url}/health`))).slice(0, 2)).toEqual([503, 'overloaded']);
  });
});

describe('the gateway itself refuses', () => {
  test.each([
    ['GET', '/v2/images'],
    ['GET', '/v1'],
    ['GET', '/v1/images/a/b'],
    ['PUT', '/v1/images'],
    ['OPTIONS', '/v1/images'],
    ['GET', '/console/'],
  ])('%s %s', async (method, path) => {
    const { gateway, events } = await open(fine);
    expect((await problemOf(await fetch(`${gateway.url}${path}`, { method }))).slice(0, 2)).toEqual([
      404,
      'not_found',
    ]);
    expect(events).toEqual([]);
  });

  test('a path that is not encoded properly', async () => {
    const { gateway } = await open(fine);
    expect((await problemOf(await fetch(`${gateway.url}/v1/images/%E0%A4`))).slice(0, 2)).toEqual([
      400,
      'invalid_request',
    ]);
  });

  test.each(['{', '[1]', '"text"', ''])('a JSON body that is no object: %j', async (body) => {
    const { gateway, events } = await open(fine);
    const response = await fetch(`${gateway.url}/v1/images`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    });
    expect((await problemOf(response)).slice(0, 2)).toEqual([400, 'malformed_json']);
    expect(events).toEqual([]);
  });

  test('a body above 10 MB, and lets one of 10 MB pass', async () => {
    const { gateway, events } = await open(fine);
    const post = (bytes: number) =>
      fetch(`${gateway.url}/v1/images`, {
        method: 'POST',
        body: new Uint8Array(bytes),
        headers: { 'content-type': 'image/png' },
      });
    expect((await problemOf(await post(10 * 1024 * 1024 + 1))).slice(0, 2)).toEqual([413, 'too_large']);
    expect(events).toEqual([]);
    expect((await post(10 * 1024 * 1024)).status).toBe(200);
  });
});

test('requests wait for each other above the concurrency, and all are answered', async () => {
  let running = 0;
  let peak = 0;
  const release = Promise.withResolvers<void>();
  const { gateway } = await open(async () => {
    peak = Math.max(peak, ++running);
    await release.promise;
    running--;
    return fine;
  }, 2);
  const all = Array.from({ length: 30 }, () => fetch(`${gateway.url}/health`));
  await eventually(() => running === 2, 'two at once');
  // The gateway answers this by itself, after it has taken in what came before.
  await fetch(`${gateway.url}/console/local.json`);
  release.resolve();
  expect((await Promise.all(all)).map(({ status }) => status)).toEqual(Array(30).fill(200));
  expect(peak).toBe(2);
});

describe('the key for the page on this machine', () => {
  const get = (gateway: RunningGateway, headers: Record<string, string>) =>
    new Promise<[number, string]>((done, fail) => {
      httpRequest(`${gateway.url}/console/local.json`, { headers }, (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => done([response.statusCode ?? 0, text]));
      })
        .on('error', fail)
        .end();
    });

  test('is given to a page that this host served', async () => {
    const { gateway } = await open(fine);
    const key = '{"apiKey":"sluice_key"}';
    expect(await get(gateway, {})).toEqual([200, key]);
    expect(
      await get(gateway, { host: `localhost:${gateway.port}`, 'sec-fetch-site': 'same-origin' }),
    ).toEqual([200, key]);
  });

  test.each([
    ['under another name (DNS rebinding)', { host: 'evil.example:8787' }],
    ['under a name that begins like ours', { host: '127.0.0.1.evil.example' }],
    ['from a page of another site', { 'sec-fetch-site': 'cross-site' }],
  ])('is not given %s', async (_what, headers) => {
    const { gateway, events } = await open({ statusCode: 404, body: '' });
    const [status, text] = await get(gateway, headers);
    expect([status, text]).toEqual([404, '']);
    expect(events).toHaveLength(1);
  });
});

test('what is written out in a route wins over its variables', () => {
  const all = [
    { method: 'GET', path: '/{proxy+}' },
    { method: 'GET', path: '/v1/{id}' },
    { method: 'GET', path: '/v1/images' },
  ] as const;
  const found = (path: string) => matchRoute(all, 'GET', path);
  expect(found('/v1/images')?.route.path).toBe('/v1/images');
  expect(found('/v1/other')).toMatchObject({ route: { path: '/v1/{id}' }, parameters: { id: 'other' } });
  expect(found('/a/b/c')).toMatchObject({ route: { path: '/{proxy+}' }, parameters: { proxy: 'a/b/c' } });
});

test('a port that is taken is a PortTaken with its number', async () => {
  const other = createServer();
  await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
  onTestFinished(() => void other.close());
  const { port } = other.address() as { port: number };
  await expect(start({ port })).rejects.toMatchObject({ name: 'PortTaken', port });
});

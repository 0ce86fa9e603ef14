import { request as httpRequest } from 'node:http';
import { connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { RunningGateway } from '../../local/gateway/gateway.ts';
import { matchResource } from '../../local/gateway/match.ts';
import { fine, open, problemOf, start } from './gateway-fixture.ts';
import { eventually } from './test-host.ts';

/** What the gateway sends until it closes the connection, for methods that no client library sends. */
function rawResponse({ port }: RunningGateway, requestLine: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(`${requestLine}\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`);
  return text(socket);
}

describe('the gateway refuses', () => {
  test.each([
    ['GET', '/v2/images'],
    ['GET', '/v1'],
    ['GET', '/v1/images/a/b'],
    ['OPTIONS', '/v2/images'],
    ['GET', '/console/'],
  ])('the gateway rejects %s %s', async (method, path) => {
    const { gateway, events } = await open(fine);
    expect((await problemOf(await fetch(`${gateway.url}${path}`, { method }))).slice(0, 2)).toEqual([
      404,
      'not_found',
    ]);
    expect(events).toEqual([]);
  });

  test.each(['TRACE', 'PROPFIND', 'QUERY'])(
    'the gateway rejects %s of a known path as an unknown path, because ANY of API Gateway does not include it',
    async (method) => {
      const { gateway, events } = await open(fine);
      const answer = await rawResponse(gateway, `${method} /v1/images HTTP/1.1`);
      expect(answer).toMatch(/^HTTP\/1\.1 404 .*"code":"not_found"/s);
      expect(events).toEqual([]);
    },
  );

  test.each(['get', 'FOO'])('the gateway rejects the method %s as malformed', async (method) => {
    const { gateway, events } = await open(fine);
    expect(await rawResponse(gateway, `${method} /v1/images HTTP/1.1`)).toMatch(/^HTTP\/1\.1 400 /);
    expect(events).toEqual([]);
  });

  test('the gateway rejects an invalidly encoded path', async () => {
    const { gateway } = await open(fine);
    expect((await problemOf(await fetch(`${gateway.url}/v1/images/%E0%A4`))).slice(0, 2)).toEqual([
      400,
      'invalid_request',
    ]);
  });

  test.each([
    ['images', '{'],
    ['images', '[1]'],
    ['images', '"text"'],
    ['images', ''],
    ['tickets', '[1]'],
  ])('the gateway rejects a JSON body of POST /v1/%s that is not an object: %j', async (resource, body) => {
    const { gateway, events } = await open(fine);
    const response = await fetch(`${gateway.url}/v1/${resource}`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    });
    expect((await problemOf(response)).slice(0, 2)).toEqual([400, 'malformed_json']);
    expect(events).toEqual([]);
  });

  test('the gateway rejects a body above 10 MB, but not one of 10 MB', async () => {
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

describe('a page of any origin may read', () => {
  test('pages of any origin may read the gateway’s own responses and their Retry-After', async () => {
    const gateway = await start();
    const response = await fetch(`${gateway.url}/v1/images`, { headers: { origin: 'https://shop.example' } });
    expect(response.status).toBe(503);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('access-control-expose-headers')).toContain('Retry-After');
  });
});

test('requests above the concurrency wait, and all get a response', async () => {
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
  // The gateway responds to this itself, after it has accepted the earlier requests.
  await fetch(`${gateway.url}/console/local.json`);
  release.resolve();
  expect((await Promise.all(all)).map(({ status }) => status)).toEqual(Array(30).fill(200));
  expect(peak).toBe(2);
});

describe('a client that disconnects', () => {
  /** Sends the head and a part of the body of a request, and disconnects on request. */
  function halfRequest(gateway: RunningGateway, method: string, path: string, length: number) {
    const outgoing = httpRequest(`${gateway.url}${path}`, {
      method,
      headers: { 'content-type': 'image/png', 'content-length': length },
    });
    outgoing.on('error', () => undefined);
    outgoing.write('half');
    return () => outgoing.destroy();
  }

  test('a client that disconnects while the function runs does not affect other requests', async () => {
    const release = Promise.withResolvers<void>();
    const { gateway, events, trouble } = await open(async (event) => {
      if (event.httpMethod === 'POST') await release.promise;
      return { statusCode: 200, body: 'x'.repeat(100_000) };
    });
    const hangUp = halfRequest(gateway, 'POST', '/v1/images', 4);
    await eventually(() => events.length === 1, 'the event');
    hangUp();
    expect((await fetch(`${gateway.url}/health`)).status).toBe(200);
    release.resolve();
    expect((await fetch(`${gateway.url}/health`)).status).toBe(200);
    expect(trouble).toEqual([]);
  });

  test('a client that disconnects in the middle of its body causes no event', async () => {
    const { gateway, events, trouble } = await open(fine);
    const hangUp = halfRequest(gateway, 'POST', '/v1/images', 1000);
    expect((await fetch(`${gateway.url}/health`)).status).toBe(200);
    hangUp();
    expect((await fetch(`${gateway.url}/health`)).status).toBe(200);
    expect(events.map(({ path }) => path)).toEqual(['/health', '/health']);
    expect(trouble).toEqual([]);
  });
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

  test('the key is returned to the page of this host', async () => {
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
  ])('the key is not returned %s', async (_what, headers) => {
    const { gateway, events } = await open({ statusCode: 404, body: '' });
    const [status, text] = await get(gateway, headers);
    expect([status, text]).toEqual([404, '']);
    expect(events).toHaveLength(1);
  });
});

test('a literal path segment takes precedence over a variable', () => {
  const found = (path: string) => matchResource(['/{proxy+}', '/v1/{id}', '/v1/images'], path);
  expect(found('/v1/images')?.resource).toBe('/v1/images');
  expect(found('/v1/other')).toEqual({ resource: '/v1/{id}', parameters: { id: 'other' } });
  expect(found('/a/b/c')).toEqual({ resource: '/{proxy+}', parameters: { proxy: 'a/b/c' } });
});

test('a used port is a PortTaken with its number', async () => {
  const other = createServer();
  await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
  onTestFinished(() => void other.close());
  const { port } = other.address() as { port: number };
  await expect(start({ port })).rejects.toMatchObject({ name: 'PortTaken', port });
});

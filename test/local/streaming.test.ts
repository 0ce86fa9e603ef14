import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { pathOf } from '../../lambda/domain/routes.ts';
import type { FunctionStatistics } from '../../local/lambda/definition.ts';
import type { LambdaHost } from '../../local/lambda/host.ts';
import { patience } from '../support/pace.ts';
import { problemOf, start } from './gateway-fixture.ts';
import { eventually, startHost, temporaryFolder, tinyFunction } from './test-host.ts';

const path = pathOf('exportImages', {});
/** Begins a response of HTTP and gives the stream to the code. */
const streaming = (code: string) => `
  import { once } from 'node:events';
  export const handler = awslambda.streamifyResponse(async (event, raw, context) => {
    const begin = (metadata) => awslambda.HttpResponseStream.from(raw, metadata);
    ${code}
  });`;
const fine = "const out = begin({ statusCode: 200, headers: { 'content-type': 'text/csv', 'x-one': '1' } });";

async function serve(
  code: string,
  settings = {},
): Promise<{ url: string; host: LambdaHost; count(): FunctionStatistics }> {
  const home = temporaryFolder();
  const host = await startHost(home);
  host.add(tinyFunction(home, 'stream', streaming(code), settings));
  const gateway = await start();
  const invoke = () => Promise.reject(new Error('the other function was invoked'));
  gateway.open({ apiKey: 'k', invoke, stream: (event, take) => host.invoke('stream', event, take) });
  return { url: `${gateway.url}${path}`, host, count: () => host.statistics('stream') };
}

/** A response whose body is not read yet. */
async function request(url: string): Promise<IncomingMessage> {
  const [response] = (await once(get(url), 'response')) as [IncomingMessage];
  return response;
}

test('a streamed response has status, headers and body, and its chunks arrive as they are written', async () => {
  const { url, count } = await serve(`${fine}
    out.write('first');
    await new Promise((done) => setTimeout(done, ${patience(200)}));
    out.write('second');
    out.end('third');`);
  const response = await request(url);
  expect(response.statusCode).toBe(200);
  expect(response.headers).toMatchObject({ 'content-type': 'text/csv', 'x-one': '1' });
  expect(response.headers['transfer-encoding']).toBe('chunked');
  expect(response.headers['x-amzn-requestid']).toMatch(/^[0-9a-f-]{36}$/);
  const chunks: string[] = [];
  for await (const chunk of response) chunks.push(String(chunk));
  expect(chunks[0]).toBe('first');
  expect(chunks.join('')).toBe('firstsecondthird');
  expect(response.complete).toBe(true);
  await eventually(() => count().running === 0, 'the invocation ends');
  expect(count()).toMatchObject({ invocations: 1, errors: 0 });
});

test('the environment takes the next event after a streamed response, and after one that was cut off', async () => {
  const { url, count } = await serve(`${fine}
    out.write('begun');
    if (event.queryStringParameters?.fail) throw new TypeError('in the middle');
    out.end();`);
  for (const query of ['', '?fail=1', '']) {
    const response = await request(url + query);
    const text = await textOf(response);
    expect(text).toEqual({ text: 'begun', complete: query === '' });
    await eventually(() => count().running === 0, 'the invocation ends');
  }
  expect(count()).toMatchObject({ invocations: 3, errors: 1, started: 1 });
});

async function textOf(response: IncomingMessage): Promise<{ text: string; complete: boolean }> {
  let text = '';
  response.on('data', (chunk) => {
    text += chunk;
  });
  response.on('error', () => undefined);
  await new Promise((done) => response.once('close', done));
  return { text, complete: response.complete };
}

test.each([
  ['throws before its first byte', "throw new TypeError('no');"],
  ['ends without metadata', 'raw.end();'],
  ['writes something else than metadata', "raw.end('x'.repeat(100));"],
  ['exits', 'process.exit(1);'],
])('a function that %s is a problem', async (_, code) => {
  const { url } = await serve(code);
  const [status, problem] = await problemOf(await fetch(url));
  expect([status, problem]).toEqual([503, 'unavailable']);
});

test.each([
  ['exits', 'process.exit(1);'],
  ['runs out of time', 'await new Promise(() => {});'],
])('a response is cut off when the function %s', async (_, code) => {
  const { url } = await serve(`${fine} await new Promise((done) => out.write('begun', done)); ${code}`, {
    timeoutSeconds: 1,
  });
  expect(await textOf(await request(url))).toEqual({ text: 'begun', complete: false });
});

test('a function that exceeds its concurrency is throttled', async () => {
  const { url } = await serve(`${fine} out.write('x'); await once(out, 'close');`, { maxConcurrency: 1 });
  const first = await request(url);
  expect(await problemOf(await fetch(url))).toEqual([503, 'unavailable', 'TooManyRequestsException']);
  first.destroy();
});

test('a writer waits for a reader that takes nothing', async () => {
  const { url, host } = await serve(`${fine}
    let written = 0;
    globalThis.counts ??= [];
    for (;;) {
      if (!out.write(Buffer.alloc(65536))) await once(out, 'drain');
      written += 65536;
      process.stdout.write('written ' + written + '\\n');
      if (written > 1e9) return out.end();
    }`);
  const response = await request(url);
  // What fills are the buffers on the way, most of them the kernel's: then nothing more is written.
  let before = -1;
  const cpu = () => host.cpu().stream ?? 0;
  await eventually(async () => {
    const now = cpu();
    await pause(300);
    const still = cpu() - now < 0.02 && before === now;
    before = cpu();
    return still;
  }, 'the writer waits');
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  await eventually(() => bytes > 50e6, 'the writer goes on');
  response.destroy();
});

test('a reader that goes away closes the stream of the function at once', async () => {
  const { url, count } = await serve(`${fine}
    out.write('begun');
    await once(out, 'close');`);
  const response = await request(url);
  await once(response, 'data');
  expect(count().running).toBe(1);
  response.destroy();
  await eventually(() => count().running === 0, 'the invocation ends', 1_000);
  expect(count()).toMatchObject({ invocations: 1, started: 1, environments: 1 });
});

import type { LookupAddress } from 'node:dns';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openCaller } from '../../../lambda/deliver/call.ts';
import { AddressRefused, checkedLookup } from '../../../lambda/deliver/checked-lookup.ts';
import type { ResolveAll } from '../../../lambda/deliver/resolve.ts';
import { responseBytes } from '../../../lambda/domain/webhook.ts';
import { type Receiver, startReceiver } from '../../support/https-receiver.ts';
import { patience } from '../../support/pace.ts';

let receiver: Receiver;
let trap: Server;
let trapped = 0;
beforeAll(async () => {
  receiver = await startReceiver();
  setDefaultCACertificates([...getCACertificates('bundled'), receiver.authority.cert]);
  // Accepts connections and says nothing: neither TLS nor HTTP.
  trap = createServer((socket) => {
    trapped += 1;
    socket.on('error', () => undefined);
  });
  trap.listen(0, '127.0.0.1');
  await once(trap, 'listening');
});
afterAll(async () => {
  await receiver.close();
  trap.close();
});
beforeEach(() => {
  receiver.received.length = 0;
  receiver.answer = (_, response) => response.writeHead(204).end();
  trapped = 0;
});
const trapPort = () => (trap.address() as AddressInfo).port;

const request = { headers: { 'content-type': 'application/json', 'webhook-id': 'one' }, body: '{"a":"ü"}' };
/** In seconds what takes ten of them in production. */
const call = openCaller({ allowPrivate: true, withinMs: patience(1_000), bodyMs: patience(200) });
const ask = (path = '/hook') => call({ ...request, url: receiver.origin + path });

describe('a call', () => {
  it('posts the body with its headers, and returns the status', async () => {
    expect(await ask('/hook?a=b')).toEqual({ kind: 'response', status: 204 });
    expect(receiver.received).toEqual([expect.objectContaining({ path: '/hook?a=b', body: request.body })]);
    expect(receiver.received[0]?.headers).toMatchObject({
      ...request.headers,
      'content-length': String(Buffer.byteLength(request.body)),
    });
  });

  it.each([200, 301, 307, 410, 429, 500])(
    '%d is returned as it is; redirects are not followed',
    async (status) => {
      receiver.answer = ({ path }, response) =>
        response
          .writeHead(path === '/hook' ? status : 200, { Location: `${receiver.origin}/elsewhere` })
          .end();
      expect(await ask()).toMatchObject({ kind: 'response', status });
      expect(receiver.received.map(({ path }) => path)).toEqual(['/hook']);
    },
  );

  it('Retry-After is returned, a long one cut', async () => {
    receiver.answer = (_, response) =>
      response.writeHead(429, { 'Retry-After': `9${'0'.repeat(500)}` }).end();
    expect(await ask()).toEqual({ kind: 'response', status: 429, retryAfter: `9${'0'.repeat(99)}` });
  });

  it('of an endless body 16 kB are read', async () => {
    let sent = 0;
    const closed = Promise.withResolvers<void>();
    receiver.answer = (_, response) => {
      response.writeHead(200);
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(4_096))) sent += 4_096;
      };
      response.on('drain', more).on('close', closed.resolve);
      more();
    };
    const before = process.memoryUsage().arrayBuffers;
    expect(await ask()).toMatchObject({ status: 200 });
    await closed.promise;
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 ** 2);
    // What the sockets of both ends hold is sent, but not read.
    expect(sent).toBeGreaterThan(responseBytes);
  });

  it('a body that never ends keeps its status and holds nothing', async () => {
    const closed = Promise.withResolvers<void>();
    receiver.answer = (_, response) => {
      response.on('close', closed.resolve);
      response.writeHead(200);
      response.write('a');
    };
    expect(await ask()).toMatchObject({ status: 200 });
    await closed.promise;
  });

  it('a body that breaks keeps its status', async () => {
    receiver.answer = (_, response) => {
      response.writeHead(200, { 'Content-Length': 100 });
      response.write('a', () => response.destroy());
    };
    expect(await ask()).toMatchObject({ status: 200 });
  });

  it('headers that arrive byte by byte time out (slow loris)', async () => {
    const closed = Promise.withResolvers<void>();
    receiver.answer = (_, response) => {
      const { socket } = response;
      socket?.write('HTTP/1.1 200 OK\r\n');
      const timer = setInterval(() => socket?.write('x-a: b\r\n'), 20);
      socket?.on('close', () => {
        clearInterval(timer);
        closed.resolve();
      });
    };
    expect(await ask()).toEqual({ kind: 'fault', fault: 'timed_out' });
    await closed.promise;
  });

  it('headers without end are a lost connection', async () => {
    receiver.answer = (_, response) => {
      response.socket?.write(`HTTP/1.1 200 OK\r\n${'x-a: b\r\n'.repeat(10_000)}`);
    };
    expect(await ask()).toEqual({ kind: 'fault', fault: 'connection_lost' });
  });

  it('a connection that ends without a response is lost', async () => {
    receiver.answer = (_, response) => response.destroy();
    expect(await ask()).toEqual({ kind: 'fault', fault: 'connection_lost' });
  });

  it('a server that accepts and says nothing times out', async () => {
    expect(await call({ ...request, url: `https://127.0.0.1:${trapPort()}/` })).toEqual({
      kind: 'fault',
      fault: 'timed_out',
    });
  });

  it('a closed port, a wrong certificate and a name without address have faults of their own', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    const faultOf = async (url: string) => call({ ...request, url });
    expect(await faultOf(`https://127.0.0.1:${port}/`)).toEqual({ kind: 'fault', fault: 'not_connected' });
    // The certificate is for localhost.
    expect(await faultOf(receiver.origin.replace('localhost', '127.0.0.1'))).toEqual({
      kind: 'fault',
      fault: 'tls_failed',
    });
    const resolve: ResolveAll = () => Promise.reject(new Error('no'));
    const unresolved = openCaller({ allowPrivate: false, resolve });
    expect(await unresolved({ ...request, url: 'https://nowhere.example/' })).toEqual({
      kind: 'fault',
      fault: 'name_not_resolved',
    });
  });

  it('ends when the invocation does', async () => {
    receiver.answer = () => undefined;
    const ending = new AbortController();
    const outcome = call({ ...request, url: `${receiver.origin}/` }, ending.signal);
    ending.abort();
    expect(await outcome).toEqual({ kind: 'fault', fault: 'timed_out' });
    expect(await call({ ...request, url: `${receiver.origin}/` }, ending.signal)).toEqual({
      kind: 'fault',
      fault: 'timed_out',
    });
  });
});

describe('addresses that are not public', () => {
  const to =
    (...addresses: string[]): ResolveAll =>
    async () =>
      addresses.map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 }));
  const refused = { kind: 'fault', fault: 'address_refused' };

  it.each([
    '127.0.0.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '127.1',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '127.0.0.1.',
    'localhost',
  ])('a URL with %s is refused and not connected to', async (host) => {
    const strict = openCaller({ allowPrivate: false });
    expect(await strict({ ...request, url: `https://${host}:${trapPort()}/` })).toEqual(refused);
    expect(trapped).toBe(0);
  });

  it.each([
    ['127.0.0.1'],
    ['::1'],
    ['::ffff:127.0.0.1'],
    ['169.254.169.254'],
    ['8.8.8.8', '127.0.0.1'],
    ['10.0.0.1', '8.8.8.8'],
  ])('a name that resolves to %s is refused and not connected to', async (...addresses) => {
    const strict = openCaller({ allowPrivate: false, resolve: to(...addresses) });
    expect(await strict({ ...request, url: `https://hooks.example:${trapPort()}/` })).toEqual(refused);
    expect(trapped).toBe(0);
  });

  it('a name that is public for the check only is refused: it is asked once for each connection (DNS rebinding)', async () => {
    const answers = ['8.8.8.8', '127.0.0.1'];
    let asked = 0;
    const rebinding: ResolveAll = (name, signal) => {
      const address = answers[Math.min(asked, 1)] ?? '';
      asked += 1;
      return to(address)(name, signal);
    };
    const lookup = checkedLookup(rebinding, { allowPrivate: false, signal: new AbortController().signal });
    // The first connection goes to what was checked, though the name now means this machine.
    const socket = connect({ host: 'hooks.example', port: trapPort(), lookup });
    socket.on('error', () => undefined);
    const looked = Promise.withResolvers<string>();
    socket.once('connectionAttempt', (address: string) => looked.resolve(address));
    expect([await looked.promise, asked]).toEqual(['8.8.8.8', 1]);
    socket.destroy();
    const next = connect({ host: 'hooks.example', port: trapPort(), lookup });
    next.once('connect', () => next.destroy(new Error('connected')));
    const [error] = await once(next, 'error');
    expect(error).toBeInstanceOf(AddressRefused);
    expect(trapped).toBe(0);
  });
});

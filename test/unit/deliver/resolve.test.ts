import { createHook } from 'node:async_hooks';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Call, openCaller } from '../../../lambda/deliver/call.ts';
import { askNameServers, type ResolveAll } from '../../../lambda/deliver/resolve.ts';
import { makeAuthority } from '../../support/certificate.ts';
import { type Receiver, startReceiver } from '../../support/https-receiver.ts';
import { type NameServer, startNameServer } from '../../support/name-server.ts';
import { patience } from '../../support/pace.ts';

let receiver: Receiver;
let server: NameServer;
beforeAll(async () => {
  receiver = await startReceiver(makeAuthority(), ['localhost', 'healthy.example']);
  server = await startNameServer({
    'healthy.example': [receiver.address],
    'both.example': ['2001:4860::8', '8.8.8.8'],
    'six.example': ['2001:4860::8'],
    'none.example': [],
    'half.example': ['8.8.8.8', '::1'],
    'metadata.example': ['169.254.169.254'],
  });
  setDefaultCACertificates([...getCACertificates('bundled'), receiver.authority.cert]);
});
afterAll(async () => {
  server.close();
  await receiver.close();
});

const asking = (timeoutMs?: number): ResolveAll =>
  askNameServers({ servers: [server.address], ...(timeoutMs === undefined ? {} : { timeoutMs }) });
const never = new AbortController().signal;
const post = (call: Call, host: string, signal?: AbortSignal) =>
  call({ url: `${receiver.origin.replace('localhost', host)}/`, headers: {}, body: '{}' }, signal);

describe('the addresses of a name', () => {
  const four = { address: '8.8.8.8', family: 4 };
  const six = { address: '2001:4860::8', family: 6 };
  it.each([
    ['both.example', [four, six]],
    ['six.example', [six]],
  ])('%s has all of both families, IPv4 first', async (name, addresses) => {
    expect(await asking()(name, never)).toEqual(addresses);
  });

  it.each(['none.example', 'unknown.example'])('%s has none', async (name) => {
    await expect(asking()(name, never)).rejects.toMatchObject({ syscall: 'queryA' });
    const call = openCaller({ allowPrivate: true, resolve: asking() });
    expect(await post(call, name)).toEqual({ kind: 'fault', fault: 'name_not_resolved' });
  });

  it.each(['half.example', 'metadata.example'])('%s has one that is not public', async (name) => {
    const call = openCaller({ allowPrivate: false, resolve: asking() });
    expect(await post(call, name)).toEqual({ kind: 'fault', fault: 'address_refused' });
  });
});

describe('a name server that is silent', () => {
  it('delays no call to another name', async () => {
    // As many as a batch may have, and more than there are threads.
    const names = Array.from({ length: 9 }, (_, n) => `n${n}.silent.example`);
    const [timeoutMs, withinMs] = [patience(60_000), patience(60_000)];
    const call = openCaller({ allowPrivate: true, resolve: asking(timeoutMs), withinMs });
    const ending = new AbortController();
    let ended = 0;
    const silent = names.map(async (name) => {
      const outcome = await post(call, name, ending.signal);
      ended += 1;
      return outcome;
    });
    await Promise.all(names.map((name) => server.askedFor(name)));
    const healthy = await post(call, 'healthy.example');
    expect({ healthy, ended }).toEqual({ healthy: { kind: 'response', status: 204 }, ended: 0 });
    ending.abort();
    expect(await Promise.all(silent)).toEqual(names.map(() => ({ kind: 'fault', fault: 'timed_out' })));
  });

  it('is asked no more after the call', async () => {
    const looked: Promise<unknown>[] = [];
    const resolve: ResolveAll = (name, signal) => {
      const look = asking(patience(60_000))(name, signal);
      looked.push(look);
      return look;
    };
    const ending = new AbortController();
    const outcome = post(
      openCaller({ allowPrivate: true, resolve, withinMs: patience(60_000) }),
      'cancelled.silent.example',
      ending.signal,
    );
    await server.askedFor('cancelled.silent.example');
    ending.abort();
    expect(await outcome).toEqual({ kind: 'fault', fault: 'timed_out' });
    await expect(looked[0]).rejects.toMatchObject({ code: 'ECANCELLED' });
    expect(looked).toHaveLength(1);
  });

  it('is given up before the time of the call is over', async () => {
    const call = openCaller({ allowPrivate: true, resolve: asking(100), withinMs: patience(10_000) });
    expect(await post(call, 'late.silent.example')).toEqual({ kind: 'fault', fault: 'name_not_resolved' });
  });
});

it('by default no call takes a thread of the pool, which all names would share', async () => {
  const begun: string[] = [];
  const hook = createHook({ init: (_, type) => begun.push(type) }).enable();
  try {
    // It is of no matter what the name servers of this machine say.
    await post(openCaller({ allowPrivate: false, withinMs: patience(500) }), 'hooks.example.com');
  } finally {
    hook.disable();
  }
  expect(begun).toContain('QUERYWRAP');
  expect(begun).not.toContain('GETADDRINFOREQWRAP');
});

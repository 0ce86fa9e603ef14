import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../lib/config/resolve.ts';
import type { SluiceConfig } from '../../lib/config/schema.ts';
import { localCounters } from '../../local/counters.ts';

const of = (counters: SluiceConfig['counters'], server?: string) =>
  localCounters(resolveConfig({ presets: { small: { width: 320 } }, counters }).counters, server);

describe('the local runner counts quotas', () => {
  it('in Postgres, also where the deployment has a cache or a server with a login', () => {
    expect(of({})).toEqual({});
    expect(of({}, '')).toEqual({});
    expect(of({ store: 'valkey' })).toEqual({});
    const login = { auth: 'iam', user: 'api', cache: 'tallies' } as const;
    expect(of({ store: 'valkey', connection: { host: 'cache', login } })).toEqual({});
  });

  it('in the server of the configuration if it needs no login', () => {
    const connection = { host: 'valkey', port: 7000, tls: 'off', login: { auth: 'none' } } as const;
    expect(of({ store: 'valkey', connection, whenAway: 'admit' })).toEqual({
      COUNTERS_HOST: 'valkey',
      COUNTERS_PORT: '7000',
      COUNTERS_TLS: 'off',
      COUNTERS_WHEN_AWAY: 'admit',
    });
  });

  it.each([
    ['/tmp/valkey.sock', { COUNTERS_HOST: '/tmp/valkey.sock', COUNTERS_TLS: 'off' }],
    ['redis://127.0.0.1', { COUNTERS_HOST: '127.0.0.1', COUNTERS_PORT: '6379', COUNTERS_TLS: 'off' }],
    [
      'valkeys://me:p%40ss@cache.example:6390',
      {
        COUNTERS_HOST: 'cache.example',
        COUNTERS_PORT: '6390',
        COUNTERS_TLS: 'verify',
        COUNTERS_AUTH: 'password',
        COUNTERS_PASSWORD: 'p@ss',
        COUNTERS_USER: 'me',
      },
    ],
  ])('in the server that SLUICE_VALKEY names: %s', (server, variables) => {
    expect(of({}, server)).toEqual({ ...variables, COUNTERS_WHEN_AWAY: 'refuse' });
  });

  it.each(['localhost:6379', 'http://localhost', 'redis://'])(
    '%s is a mistake of SLUICE_VALKEY',
    (server) => {
      expect(() => of({}, server)).toThrow(/SLUICE_VALKEY has one mistake/);
    },
  );
});

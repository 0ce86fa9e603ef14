import type { VariablesOf } from '../lambda/runtime/environment-parts.ts';
import { ConfigMistakes } from '../lib/config/resolve.ts';
import type { ResolvedConfig } from '../lib/config/schema.ts';

/**
 * Where the local runner counts quotas: in the server of SLUICE_VALKEY, else in that of the configuration if it needs no
 * login, else in Postgres.
 * @param server `valkey://[user][:password@]host[:port]` (or `redis:`; `valkeys:` and `rediss:` with TLS), or the path of a
 *   Unix socket
 * @throws ConfigMistakes if it is neither
 */
export function localCounters(
  { connection, whenAway }: ResolvedConfig['counters'],
  server: string | undefined,
): VariablesOf<'counters'> {
  const away = { COUNTERS_WHEN_AWAY: whenAway };
  if (server !== undefined && server !== '') return { ...addressOf(server), ...away };
  if (connection?.login.auth !== 'none') return {};
  const { host, port, tls } = connection;
  return { COUNTERS_HOST: host, COUNTERS_PORT: String(port), COUNTERS_TLS: tls, ...away };
}

function addressOf(server: string): VariablesOf<'counters'> {
  if (server.startsWith('/')) return { COUNTERS_HOST: server, COUNTERS_TLS: 'off' };
  const url = URL.parse(server);
  if (url === null || !/^(?:valkey|redis)s?:$/.test(url.protocol) || url.hostname === '')
    throw new ConfigMistakes(['not valkey://host:port and not the path of a socket'], 'SLUICE_VALKEY');
  const { hostname, port, username, password, protocol } = url;
  return {
    COUNTERS_HOST: hostname,
    COUNTERS_PORT: port === '' ? '6379' : port,
    COUNTERS_TLS: /^(?:valkey|redis)s:$/.test(protocol) ? 'verify' : 'off',
    ...(password === ''
      ? {}
      : { COUNTERS_AUTH: 'password' as const, COUNTERS_PASSWORD: decodeURIComponent(password) }),
    ...(username === '' ? {} : { COUNTERS_USER: decodeURIComponent(username) }),
  };
}

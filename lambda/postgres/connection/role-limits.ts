import type { RoleShare } from '../../domain/roles.ts';

/**
 * Statement timeout of a role in milliseconds; ours take milliseconds. Less for api: a connect may take 5 s before, and
 * the response must be out within the function's 15 s. More for exports: a page waits for its reader, who may pause; one that
 * takes longer goes on in another statement (lambda/postgres/exports/records.ts).
 *
 * `migrate` sets them on the roles. As start-up parameters (node-postgres) RDS Proxy rejects them with the connection
 * (0A000, "doesn't support the option statement_timeout"), and a SET pins the session.
 */
export function statementTimeoutOf(user: string): number {
  if (user === 'sluice_api') return 5_000;
  return user.startsWith('sluice_export') ? 60_000 : 10_000;
}

/**
 * Session limits of a role. An idle transaction belongs to a dead or hung worker and holds row locks. Persistent
 * connections end after five idle minutes, also those that a deployment leaves behind. Sessions of a pool (RDS Proxy)
 * are idle by design; the proxy drops lost clients.
 */
export function sessionLimits(
  role: string,
  { persistent }: Pick<RoleShare, 'persistent'>,
  pooled: boolean,
): Record<string, string> {
  return {
    statement_timeout: `${statementTimeoutOf(role)}ms`,
    idle_in_transaction_session_timeout: '10s',
    idle_session_timeout: pooled ? '0' : persistent ? '5min' : '1min',
    ...goneClients(role, persistent),
    ...planning,
  };
}

/** Planner settings. Postgres assumes a spinning disk (4); SSDs read random pages cheaply; we always use an index. */
export const planning = { random_page_cost: '1.1' };

/**
 * Detection of lost clients, so that their sessions free their slots. Otherwise a session outlives its client by the
 * statement timeout, or by the 15 minutes of TCP retransmission.
 *
 * The server checks the socket once a second while a statement runs or waits for a lock, within the 2 s for which a new
 * session retries; gives up a response that is not taken after 10 s; and probes idle sessions after 15 s, persistent ones
 * after a minute, because a frozen environment may not respond and then loses its session.
 *
 * Linux counts a client that is there and whose window is closed like one that acknowledges nothing. A stream closes it
 * whenever its reader pauses, which it may for a minute (`stalledMs` of lambda/export); the function ends it then.
 *
 * Any user may set these (GUC context "user"), so RDS accepts them for a role. Behind a pool the client is the proxy.
 */
function goneClients(role: string, persistent: boolean): Record<string, string> {
  return {
    client_connection_check_interval: '1s',
    tcp_user_timeout: role === 'sluice_export' ? '70s' : '10s',
    tcp_keepalives_idle: persistent ? '60s' : '15s',
    tcp_keepalives_interval: '5s',
    tcp_keepalives_count: '3',
  };
}

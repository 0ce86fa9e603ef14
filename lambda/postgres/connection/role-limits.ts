import type { RoleShare } from '../../domain/roles.ts';

/**
 * Milliseconds that a statement of a role may take; ours take milliseconds, so more is a fault. Of api less, because a
 * connect may take 5 s before it and the answer must be out before the function's 15 s are over.
 *
 * `migrate` sets them as the roles' own: the server holds whoever logs in to them. Said at the start of a session, as
 * node-postgres would, they are refused by RDS Proxy together with the connection (0A000, "doesn't support the option
 * statement_timeout"), and a SET pins the session to one connection of the pool.
 */
export function statementTimeoutOf(user: string): number {
  return user === 'sluice_api' ? 5_000 : 10_000;
}

/**
 * Limits that hold for every session of a role. A transaction that idles is one whose worker died or hangs, and
 * it holds row locks. Where connections are persistent, an environment that is frozen for longer than five
 * minutes reconnects, and what a deploy leaves behind is gone by then.
 *
 * Of a pool (RDS Proxy) the sessions are the pool's: they are idle by design, and the proxy itself drops clients
 * that do not return.
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
    ...goneClients(persistent),
    ...planning,
  };
}

/**
 * Settings of the planner. On an SSD a random page costs little more than a sequential one, but Postgres assumes a
 * spinning disk (4). Every statement of ours reads a few rows by an index, and none is faster with a scan.
 */
export const planning = { random_page_cost: '1.1' };

/**
 * How the server learns that a client is gone, so that its session gives its slot back. Without these a session whose
 * statement runs or whose answer nobody acknowledges outlives its client by the statement's timeout, or by the 15
 * minutes that Linux goes on sending.
 *
 * While a statement runs or waits for a lock, the socket is looked at once a second: that is within the 2 s for which
 * a new session is asked for again when there is no slot. An answer that is not acknowledged is given up after 10 s.
 * A session that idles asks after its client: after 15 s for those that live for one invocation; after a minute where
 * it is kept, because a frozen environment may answer nothing and loses its session with it.
 *
 * The settings are any user's to make (GUC context "user"), so RDS takes them for a role. In a pool (RDS Proxy) the
 * client is the proxy, which is near and answers.
 */
function goneClients(persistent: boolean): Record<string, string> {
  return {
    client_connection_check_interval: '1s',
    tcp_user_timeout: '10s',
    tcp_keepalives_idle: persistent ? '60s' : '15s',
    tcp_keepalives_interval: '5s',
    tcp_keepalives_count: '3',
  };
}

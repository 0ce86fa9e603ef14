import { type DatabaseRole, databaseRoles } from '../domain/roles.ts';

/**
 * Milliseconds that a statement of a role may take; ours take milliseconds, so more is a fault. Of api less, because a
 * connect may take 5 s before it and the answer must be out before the function's 15 s are over.
 *
 * `migrate` sets them as the roles' own: the server holds whoever logs in to them. Said at the start of a session, as
 * node-postgres would, they are refused by RDS Proxy together with the connection (0A000, "doesn't support the option
 * statement_timeout"), and a SET pins the session to one connection of the pool.
 */
export const statementTimeoutsMs: Record<DatabaseRole, number> = {
  sluice_api: 5_000,
  sluice_process: 10_000,
  sluice_sweep: 10_000,
};

/** The same for any user; without one of its own, as the owner, it is 10 s. */
export function statementTimeoutOf(user: string): number {
  return databaseRoles.includes(user as DatabaseRole) ? statementTimeoutsMs[user as DatabaseRole] : 10_000;
}

/**
 * Limits that hold for every session of a role. A transaction that idles is one whose worker died or hangs, and
 * it holds row locks. `sluice_api` keeps its connection: an environment that is frozen for longer than five
 * minutes reconnects, and what a deploy leaves behind is gone by then.
 *
 * Of a pool (RDS Proxy) the sessions are the pool's: they idle by profession, and the proxy itself drops the client
 * that does not come back.
 */
export function sessionLimits(role: DatabaseRole, pooled: boolean): Record<string, string> {
  const idle = role === 'sluice_api' ? '5min' : '1min';
  return {
    statement_timeout: `${statementTimeoutsMs[role]}ms`,
    idle_in_transaction_session_timeout: '10s',
    idle_session_timeout: pooled ? '0' : idle,
  };
}

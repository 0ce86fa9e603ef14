import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from './connection.ts';
import { scramVerifier } from './scram.ts';

/** The roles that the functions log in as. */
const functionRoles = ['sluice_api', 'sluice_process', 'sluice_sweep'] as const;
export type FunctionRole = (typeof functionRoles)[number];

/** How the roles prove who they are: a password, or a token that RDS checks by IAM. */
export type RoleLogin = { by: 'password'; password: string } | { by: 'iam' };

/**
 * Limits that hold for every session of a role. A transaction that idles is one whose worker died or hangs, and
 * it holds row locks. `sluice_api` keeps its connection: an environment that is frozen for longer than five
 * minutes reconnects, and what a deploy leaves behind is gone by then.
 */
const sessionLimits: Record<FunctionRole, Record<string, string>> = {
  sluice_api: { idle_in_transaction_session_timeout: '10s', idle_session_timeout: '5min' },
  sluice_process: { idle_in_transaction_session_timeout: '10s', idle_session_timeout: '1min' },
  sluice_sweep: { idle_in_transaction_session_timeout: '10s', idle_session_timeout: '1min' },
};

/** Makes the roles where they are not there yet, and sets how they log in and how long their sessions may idle. */
export async function ensureRoles(connection: Connection, login: RoleLogin): Promise<void> {
  for (const role of functionRoles) {
    // Roles belong to the whole server: another database's migration may make the same one at this moment.
    await connection.query(`do $$ begin create role ${role} login;
      exception when duplicate_object or unique_violation then null; end $$`);
    const proof =
      login.by === 'iam'
        ? `grant rds_iam to ${role}`
        : `alter role ${role} login password '${scramVerifier(login.password)}'`;
    await alterRole(connection, proof);
    for (const [setting, value] of Object.entries(sessionLimits[role]))
      await alterRole(connection, `alter role ${role} set ${setting} = '${value}'`);
  }
}

/** Makes Postgres itself hold each role to its share of the connections (I5). */
export async function limitConnections(
  connection: Connection,
  limits: Record<FunctionRole, number>,
): Promise<void> {
  for (const role of functionRoles) {
    const { rows } = await connection.query<{ limit: number }>(
      'select rolconnlimit as "limit" from pg_roles where rolname = $1',
      [role],
    );
    if (rows[0]?.limit !== limits[role])
      await alterRole(connection, `alter role ${role} connection limit ${Math.trunc(limits[role])}`);
  }
}

/** Two migrations on one server that alter one role at once: the later one fails with "tuple concurrently updated". */
async function alterRole(connection: Connection, statement: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await connection.query(statement);
      return;
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      const collided = cause instanceof Error && /concurrently updated/.test(cause.message);
      if (!collided || tries >= 10) throw error;
      await sleep(10 + Math.random() * 50);
    }
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { RoleShares } from '../../domain/roles.ts';
import type { Connection } from '../connection/connection.ts';
import { sessionLimits } from '../connection/role-limits.ts';
import { scramVerifier } from './scram.ts';

/** Login of the roles: a password, or a token that RDS checks by IAM. */
export type RoleLogin = { by: 'password'; password: string } | { by: 'iam' };

/** Creates missing roles; sets their login and session limits. */
export async function ensureRoles(
  connection: Connection,
  login: RoleLogin,
  { roles, pooled }: { roles: RoleShares; pooled: boolean },
): Promise<void> {
  for (const [role, share] of Object.entries(roles)) {
    // Roles belong to the server: another database's migration may create the same one concurrently.
    await connection.query(`do $$ begin create role ${role} login;
      exception when duplicate_object or unique_violation then null; end $$`);
    const proof =
      login.by === 'iam'
        ? `grant rds_iam to ${role}`
        : `alter role ${role} login password '${scramVerifier(login.password)}'`;
    await alterRole(connection, proof);
    for (const [setting, value] of Object.entries(sessionLimits(role, share, pooled)))
      await alterRole(connection, `alter role ${role} set ${setting} = '${value}'`);
  }
}

/** Sets each role's connection limit in Postgres (I5). */
export async function limitConnections(connection: Connection, roles: RoleShares): Promise<void> {
  for (const [role, { connections }] of Object.entries(roles)) {
    const { rows } = await connection.query<{ limit: number }>(
      'select rolconnlimit as "limit" from pg_roles where rolname = $1',
      [role],
    );
    if (rows[0]?.limit !== connections)
      await alterRole(connection, `alter role ${role} connection limit ${Math.trunc(connections)}`);
  }
}

/** Concurrent ALTER ROLE on one server: the later one fails with "tuple concurrently updated". */
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

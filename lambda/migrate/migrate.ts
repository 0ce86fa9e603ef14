import type { RoleShares } from '../domain/roles.ts';
import type { Connection, Database } from '../postgres/connection/connection.ts';
import { alone, appliedMigrations, prepareMigrationTable } from '../postgres/schema/migrating.ts';
import { ensureRoles, limitConnections, type RoleLogin } from '../postgres/schema/roles.ts';
import type { Log } from '../runtime/logger.ts';
import { apply, type LockPatience, lockPatience } from './apply.ts';
import { type Migration, MigrationMistake } from './migrations.ts';

export interface MigrationTerms {
  migrations: readonly Migration[];
  login: RoleLogin;
  roles: RoleShares;
  /** A pool holds the roles' sessions. */
  pooled: boolean;
  /** Default: one second per lock. */
  patience?: LockPatience;
}

/**
 * Migrates: roles first, because migrations grant to them, then each file in its own transaction (or in none, if it is
 * marked so), then the connection limits. Idempotent; a killed run continues.
 * @param signal aborts it; the server may still complete the index that it is building.
 * @returns the names of the migrations applied now.
 * @throws MigrationMistake if an applied file was changed; nothing is applied then.
 */
export async function migrate(
  database: Database,
  terms: MigrationTerms,
  log: Log,
  signal?: AbortSignal,
): Promise<string[]> {
  return database.run(
    (connection) => alone(connection, () => bringUp(connection, terms, log)),
    signal === undefined ? {} : { signal },
  );
}

async function bringUp(connection: Connection, terms: MigrationTerms, log: Log): Promise<string[]> {
  await prepareMigrationTable(connection);
  const pending = await pendingMigrations(connection, terms.migrations, log);
  await ensureRoles(connection, terms.login, terms);
  for (const migration of pending) {
    const started = performance.now();
    await apply(connection, migration, terms.patience ?? lockPatience, log);
    const milliseconds = Math.round(performance.now() - started);
    log.info('Applied a migration', { migration: migration.name, milliseconds });
  }
  await limitConnections(connection, terms.roles);
  return pending.map(({ name }) => name);
}

async function pendingMigrations(
  connection: Connection,
  migrations: readonly Migration[],
  log: Log,
): Promise<Migration[]> {
  const applied = new Map((await appliedMigrations(connection)).map(({ name, sha256 }) => [name, sha256]));
  const changed = migrations.filter(({ name, sha256 }) => (applied.get(name) ?? sha256) !== sha256);
  if (changed.length > 0)
    throw new MigrationMistake(
      `applied migrations were changed: ${changed.map(({ name }) => name).join(', ')}. Write a new migration instead.`,
    );
  const known = new Set(migrations.map(({ name }) => name));
  const ahead = [...applied.keys()].filter((name) => !known.has(name));
  // After a rollback, older code meets a newer schema; it must not fail.
  if (ahead.length > 0) log.warn('The database is ahead of this code', { ahead });
  return migrations.filter(({ name }) => !applied.has(name));
}

import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import { inject } from 'vitest';
import { readMigrations } from '../../lambda/migrate/migrations.ts';
import { textsOf } from '../../lambda/migrate/outside.ts';
import { roleUses } from '../../lib/catalogue/select.ts';
import type { ServerAddress } from './global-setup.ts';
import { transitionGuard } from './transition-guard.ts';

/** A migrated database for one test. `user` is the superuser; the functions' roles log in with `rolesPassword`. */
export interface TestDatabase {
  host: string;
  port: number;
  /** Name of the database. */
  name: string;
  user: string;
  password: string;
  rolesPassword: string;
  drop(): Promise<void>;
}

const rolesPassword = 'for-tests-only';
const migrations = join(import.meta.dirname, '..', '..', 'migrations');
/** An arbitrary number that all test files share. */
const templateLock = 7_264_001;

/**
 * Creates a migrated database on the run's Postgres server or another, as a copy of a template (about 50 ms). `drop()`
 * also closes open connections.
 */
export async function createDatabase(server: ServerAddress = inject('postgres')): Promise<TestDatabase> {
  const template = await ensureTemplate(server);
  const name = `test_${randomBytes(8).toString('hex')}`;
  await run(server, `create database ${name} template ${template}`);
  const { host, port, user, password } = server;
  const drop = () => run(server, `drop database if exists ${name} with (force)`);
  return { host, port, name, user, password, rolesPassword, drop };
}

/** Runs statements as the superuser, on the server's own database or another. */
async function run(
  server: ServerAddress,
  sql: string | readonly string[],
  database = server.database,
): Promise<void> {
  const client = new pg.Client({ ...server, database });
  await client.connect();
  try {
    for (const one of [sql].flat()) await client.query(one);
  } finally {
    await client.end();
  }
}

/** The template's name has the digest of the migrations and of the guard; a rename publishes it when it is complete. */
async function ensureTemplate(server: ServerAddress): Promise<string> {
  const statements = [...readMigrations(migrations).flatMap(textsOf), ...transitionGuard];
  const template = `template_${createHash('sha256').update(statements.join('\0')).digest('hex').slice(0, 16)}`;
  const client = new pg.Client(server);
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [templateLock]);
    const found = await client.query('select 1 from pg_database where datname = $1', [template]);
    if (found.rowCount === 1) return template;
    await makeRoles(client);
    const making = `${template}_new`;
    await client.query(`drop database if exists ${making}`);
    await client.query(`create database ${making}`);
    await run(server, statements, making);
    await client.query(`alter database ${making} rename to ${template}`);
    return template;
  } finally {
    await client.end();
  }
}

async function makeRoles(client: pg.Client): Promise<void> {
  for (const { role } of roleUses()) {
    const found = await client.query('select 1 from pg_roles where rolname = $1', [role]);
    if (found.rowCount === 0) await client.query(`create role ${role}`);
    await client.query(`alter role ${role} with login password '${rolesPassword}'`);
  }
}

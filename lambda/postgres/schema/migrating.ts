import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '../connection/connection.ts';
import { inTransaction } from '../connection/transaction.ts';

/** An applied migration: SHA-256 of its SQL in hex. */
export interface Applied {
  name: string;
  sha256: string;
}

/** Advisory lock that serialises migrations. Any number, as long as it stays the same. */
const migrateLock = 7_358_201;

/**
 * Runs `work` while no other migration runs; the lock ends with the session. Polled: a statement that waited would hold
 * a snapshot, for which a concurrent index build waits, and the two would deadlock.
 */
export async function alone<Result>(connection: Connection, work: () => Promise<Result>): Promise<Result> {
  while (!(await lockMigrations(connection))) await sleep(100 + Math.random() * 400);
  try {
    return await work();
  } finally {
    // A lost session holds no lock, and the original error is the useful one.
    await connection.query('select pg_advisory_unlock($1)', [migrateLock]).catch(() => undefined);
  }
}

async function lockMigrations(connection: Connection): Promise<boolean> {
  const { rows } = await connection.query<{ got: boolean }>('select pg_try_advisory_lock($1) as got', [
    migrateLock,
  ]);
  return rows[0]?.got === true;
}

/** Creates the table of applied migrations. */
export async function prepareMigrationTable(connection: Connection): Promise<void> {
  await connection.query(`create table if not exists schema_migration (
    name text primary key,
    sha256 text not null,
    applied_at timestamptz not null default now()
  )`);
}

/** Applied migrations, in order. */
export async function appliedMigrations(connection: Connection): Promise<Applied[]> {
  const { rows } = await connection.query<Applied>('select name, sha256 from schema_migration order by name');
  return rows;
}

/** A migration to run. */
interface Pending extends Applied {
  sql: string;
}

/** Runs and records a migration atomically. Statements wait this long for locks and end with a lost client. */
export async function applyInTransaction(
  connection: Connection,
  { name, sql, sha256, lockTimeoutMs }: Pending & { lockTimeoutMs: number },
): Promise<void> {
  await inTransaction(connection, async () => {
    await connection.query(
      "select set_config('lock_timeout', $1, true), set_config('client_connection_check_interval', '1s', true)",
      [`${lockTimeoutMs}ms`],
    );
    // Without values this is one simple query, which may hold many statements.
    await connection.query(sql);
    await remember(connection, { name, sha256 });
  });
}

/**
 * Runs and records a migration's statements. A killed index build leaves an invalid index, which slows writes, serves
 * no reads and satisfies `if not exists`, so it is rebuilt. The server completes a build whose client is gone.
 */
export async function applyOutside(
  connection: Connection,
  { name, sha256, statements, indexes }: Applied & { statements: string[]; indexes: string[] },
): Promise<void> {
  for (const index of await invalidIndexes(connection, indexes))
    await connection.query(`drop index concurrently if exists ${index}`);
  for (const statement of statements) await connection.query(statement);
  await remember(connection, { name, sha256 });
}

async function invalidIndexes(connection: Connection, names: readonly string[]): Promise<string[]> {
  const { rows } = await connection.query<{ name: string }>(
    `select c.relname as name from pg_index i join pg_class c on c.oid = i.indexrelid
     where c.relnamespace = 'public'::regnamespace and c.relname = any($1) and not i.indisvalid`,
    [names],
  );
  return rows.map(({ name }) => name);
}

async function remember(connection: Connection, { name, sha256 }: Applied): Promise<void> {
  await connection.query('insert into schema_migration (name, sha256) values ($1, $2)', [name, sha256]);
}

/** A transaction open while a lock was not free; one of them holds it. */
export interface OpenTransaction {
  pid: number;
  user: string;
  application: string;
  state: string | null;
  /** Since it began. */
  seconds: number | null;
  /** Its last statement; the server hides those of other users without permission. */
  query: string | null;
}

/** The five longest open transactions of this database. */
export async function longestTransactions(connection: Connection): Promise<OpenTransaction[]> {
  const { rows } = await connection.query<OpenTransaction>(
    `select pid, usename as "user", application_name as application, state, left(query, 200) as query,
       extract(epoch from now() - xact_start)::int as seconds
     from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null
     order by xact_start limit 5`,
  );
  return rows;
}

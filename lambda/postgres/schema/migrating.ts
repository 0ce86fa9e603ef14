import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '../connection/connection.ts';
import { inTransaction } from '../connection/transaction.ts';

/** A migration as it was applied: SHA-256 of its SQL in hex. */
export interface Applied {
  name: string;
  sha256: string;
}

/** Two deploys at once: the second waits until the first has migrated. Any number, as long as it stays the same. */
const migrateLock = 7_358_201;

/**
 * Does `work` while no other migration runs. The lock goes with the session too, where that ends first.
 *
 * It is asked for and not waited for: who waits in a statement has a snapshot, an index that is built concurrently
 * waits for those, and the two would wait for each other.
 */
export async function alone<Result>(connection: Connection, work: () => Promise<Result>): Promise<Result> {
  while (!(await lockMigrations(connection))) await sleep(100 + Math.random() * 400);
  try {
    return await work();
  } finally {
    // A lost session holds no lock, and what lost it tells more.
    await connection.query('select pg_advisory_unlock($1)', [migrateLock]).catch(() => undefined);
  }
}

async function lockMigrations(connection: Connection): Promise<boolean> {
  const { rows } = await connection.query<{ got: boolean }>('select pg_try_advisory_lock($1) as got', [
    migrateLock,
  ]);
  return rows[0]?.got === true;
}

/** Makes the table that remembers what was applied. */
export async function prepareMigrationTable(connection: Connection): Promise<void> {
  await connection.query(`create table if not exists schema_migration (
    name text primary key,
    sha256 text not null,
    applied_at timestamptz not null default now()
  )`);
}

/** What was applied so far, in order. */
export async function appliedMigrations(connection: Connection): Promise<Applied[]> {
  const { rows } = await connection.query<Applied>('select name, sha256 from schema_migration order by name');
  return rows;
}

/** A migration to run. */
interface Pending extends Applied {
  sql: string;
}

/**
 * Runs one migration and remembers it; both or neither happen. Each of its statements waits for locks at most this
 * long, and is ended within a second when the client that sent it is gone.
 */
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
 * Runs the statements of one migration and remembers it. An index that a kill left half built is invalid: it costs
 * every write and serves no read, and `if not exists` would take it for the real one. So it is built anew.
 *
 * The server goes on with an index when the client is gone, and the next migration finds it done.
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

/** A transaction that was open when a lock was not free: whoever holds the lock is among them. */
export interface OpenTransaction {
  pid: number;
  user: string;
  application: string;
  state: string | null;
  /** Since it began. */
  seconds: number | null;
  /** What it did last; the server hides that of other users from whoever may not read it. */
  query: string | null;
}

/** The five transactions of this database that have been open for the longest time. */
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

import type { Connection } from './connection.ts';

/** A migration as it was applied: SHA-256 of its SQL in hex. */
export interface Applied {
  name: string;
  sha256: string;
}

/** Two deploys at once: the second waits until the first has migrated. Any number, as long as it stays the same. */
const migrateLock = 7_358_201;

/** Does `work` while no other migration runs. The lock goes with the session too, where that ends first. */
export async function alone<Result>(connection: Connection, work: () => Promise<Result>): Promise<Result> {
  await connection.query('select pg_advisory_lock($1)', [migrateLock]);
  try {
    return await work();
  } finally {
    // A lost session holds no lock, and what lost it tells more.
    await connection.query('select pg_advisory_unlock($1)', [migrateLock]).catch(() => undefined);
  }
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

/** Runs one migration and remembers it; both or neither happen. To be called inside a transaction. */
export async function applyMigration(
  connection: Connection,
  { name, sql, sha256 }: Applied & { sql: string },
): Promise<void> {
  // Without values this is one simple query, which may hold many statements.
  await connection.query(sql);
  await connection.query('insert into schema_migration (name, sha256) values ($1, $2)', [name, sha256]);
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { createDatabase, type TestDatabase } from '../support/database.ts';

const migrations = join(import.meta.dirname, '../../migrations');

/**
 * A database as a deploy finds it: the migrations up to a number, the rows that were written then, and the
 * migrations since.
 */
export async function agedDatabase(migration: string, rows: string): Promise<TestDatabase> {
  const database = await createDatabase();
  const { host, port, user, password, name } = database;
  const client = new pg.Client({ host, port, user, password, database: name });
  await client.connect();
  try {
    // The roles are the server's and stay; what they were granted goes with the schema.
    await client.query(
      'drop schema public cascade; create schema public; grant usage on schema public to public',
    );
    const files = readdirSync(migrations)
      .filter((file) => /^\d{6}_.*\.sql$/.test(file))
      .sort();
    const run = async (wanted: (number: string) => boolean) => {
      for (const file of files.filter((one) => wanted(one.slice(0, 6))))
        await client.query(readFileSync(join(migrations, file), 'utf8'));
    };
    await run((number) => number <= migration);
    await client.query(rows);
    await run((number) => number > migration);
  } finally {
    await client.end();
  }
  return database;
}

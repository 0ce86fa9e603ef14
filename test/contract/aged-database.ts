import { join } from 'node:path';
import pg from 'pg';
import { readMigrations } from '../../lambda/migrate/migrations.ts';
import { textsOf } from '../../lambda/migrate/outside.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

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
    const all = readMigrations(join(import.meta.dirname, '../../migrations'));
    const run = async (wanted: (number: number) => boolean) => {
      for (const text of all.filter(({ number }) => wanted(number)).flatMap(textsOf))
        await client.query(text);
    };
    await run((number) => number <= Number(migration));
    await client.query(rows);
    await run((number) => number > Number(migration));
  } finally {
    await client.end();
  }
  return database;
}

import pg from 'pg';
import { expect, test } from 'vitest';
import { createDatabase } from '../support/database.ts';

test('a fresh database has the tables and lets a function role in', async () => {
  const started = performance.now();
  const database = await createDatabase();
  const second = performance.now();
  const another = await createDatabase();
  console.error(second - started, performance.now() - second);
  const client = new pg.Client({
    host: database.host,
    port: database.port,
    database: database.name,
    user: 'sluice_api',
    password: database.rolesPassword,
  });
  await client.connect();
  expect((await client.query('select count(*)::int as images from image')).rows).toEqual([{ images: 0 }]);
  await database.drop();
  await another.drop();
});

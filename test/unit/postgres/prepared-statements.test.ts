import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { allCases } from '../../../bench/database/cases.ts';
import { fill } from '../../../bench/database/fill.ts';
import type { Database } from '../../../lambda/postgres/connection/connection.ts';
import { keepOpen } from '../../../lambda/postgres/connection/persistent-connection.ts';
import { inTransaction } from '../../../lambda/postgres/connection/transaction.ts';
import { oldestSnapshotSeconds } from '../../../lambda/postgres/exports/oldest-snapshot.ts';
import { leaseSlices, returnSlices } from '../../../lambda/postgres/quotas/lease.ts';
import { readUse, saveUse } from '../../../lambda/postgres/quotas/records.ts';
import { openTestDb, type TestDb } from './rows.ts';

let db: TestDb;
beforeAll(async () => {
  db = await openTestDb();
});
afterAll(() => db.close());

/** A database with one session that is kept. */
function session(prepared: 'named' | 'unnamed', user = db.address.user): Database {
  const { environment, ...options } = db.options(user);
  const database = keepOpen({
    ...options,
    environment: { ...environment, DATABASE_PREPARED_STATEMENTS: prepared },
    trustMs: 60_000,
  });
  onTestFinished(() => database.close());
  return database;
}
/** What the session has prepared. */
const preparedIn = (database: Database) =>
  database.run(async (connection) => {
    const { rows } = await connection.query<{ name: string; generic: number }>(
      'select name, generic_plans as generic from pg_prepared_statements order by name',
    );
    return rows;
  });
const numberStatement = { name: 'number', text: 'select $1::int as number' };
const numberOf = (database: Database, number: number) =>
  database.run((connection) => connection.query(numberStatement, [number]));

it('a session parses a prepared statement once, and plans it once from the sixth execution on', async () => {
  const database = session('named');
  for (let number = 1; number <= 7; number++)
    expect((await numberOf(database, number)).rows).toEqual([{ number }]);
  expect(await preparedIn(database)).toEqual([{ name: 'number', generic: 2 }]);
});

it('through a pooler nothing is left in the session', async () => {
  const database = session('unnamed');
  expect((await numberOf(database, 1)).rows).toEqual([{ number: 1 }]);
  expect(await preparedIn(database)).toEqual([]);
});

it('a migration that changes the result of a prepared statement costs one call; the next has a new session', async () => {
  await db.admin.query('create table changing (value int); insert into changing values (1)');
  const database = session('named');
  const read = () =>
    database.run((connection) => connection.query({ name: 'changing', text: 'select value from changing' }));
  expect((await read()).rows).toEqual([{ value: 1 }]);
  await db.admin.query('alter table changing alter value type text');
  await expect(read()).rejects.toMatchObject({ code: 'database_unavailable' });
  expect((await read()).rows).toEqual([{ value: '1' }]);
});

it('a pooler that nobody declared costs one call too: it does not have the statement', async () => {
  const database = session('named');
  await numberOf(database, 1);
  await database.run((connection) => connection.query('deallocate all'));
  await expect(numberOf(database, 2)).rejects.toMatchObject({ code: 'database_unavailable' });
  expect((await numberOf(database, 3)).rows).toEqual([{ number: 3 }]);
});

it('each name is that of one text, and each is that of a statement that functions run', async () => {
  await fill(db.admin, { images: 500, tenants: 5, backlog: 100, variants: 1 }, () => {});
  const cases = await allCases(db.admin, 0.001);
  const database = session('named');
  for (const { run } of cases)
    await database.run((connection) =>
      inTransaction(connection, async () => {
        // The driver refuses a name with another text.
        await run(connection);
        throw new Error('rolled back');
      }).catch((error: Error) => expect(error.message).toBe('rolled back')),
    );
  await database.run((connection) => leaseSlices(connection, { tenant: 'none', asks: [], rests: [] }));
  await database.run((connection) => oldestSnapshotSeconds(connection));
  await database.run((connection) => returnSlices(connection, []));
  await database.run((connection) => readUse(connection, 'none', ['images']));
  await database.run((connection) => saveUse(connection, 'none', []));
  const folder = join(import.meta.dirname, '../../../lambda/postgres');
  const written = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => [...readFileSync(join(folder, file), 'utf8').matchAll(/^ {2,4}name: '(.+)',$/gm)])
    .map(([, name]) => name);
  expect(written.length).toBeGreaterThan(9);
  expect((await preparedIn(database)).map(({ name }) => name)).toEqual(written.toSorted());
});

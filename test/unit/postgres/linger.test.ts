import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { openOnDemand } from '../../../lambda/postgres/connection/on-demand.ts';
import { lingerSeconds } from '../../../simulator/database.ts';
import { openTestDb, sessions, type TestDb } from './rows.ts';

let db: TestDb;
beforeAll(async () => {
  db = await openTestDb();
});
afterAll(() => db.close());
afterEach(() => void vi.useRealTimers());

it('a database on demand is held for 2.5 s after its last call, in the simulator as here', async () => {
  const database = openOnDemand(db.options());
  const pid = () =>
    database.run(async (connection) => (await connection.query('select pg_backend_pid() as pid')).rows[0]);
  // Only its own timer: the first connection is made with those of the system.
  const first = await pid();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  expect(await pid()).toEqual(first);
  vi.advanceTimersByTime(2_400);
  expect(await pid()).toEqual(first);
  // A call that has come when the timer fires keeps the connection.
  const call = pid();
  vi.advanceTimersByTime(2_500);
  expect([await call, await pid()]).toEqual([first, first]);
  vi.advanceTimersByTime(2_499);
  expect(await sessions(db.admin)).toBe(1);
  vi.advanceTimersByTime(1);
  vi.useRealTimers();
  await expect.poll(() => sessions(db.admin)).toBe(0);
  expect(lingerSeconds).toBe(2.5);
  await database.close();
});

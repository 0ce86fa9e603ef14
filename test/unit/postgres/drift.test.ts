import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { transitions, type Writer } from '../../../lambda/domain/transitions.ts';
import { reconcileBacklog } from '../../../lambda/postgres/backlog/reconcile.ts';
import type { Connection } from '../../../lambda/postgres/connection/connection.ts';
import { rollUp, summedBacklog, trueBacklog } from './backlog-state.ts';
import { openTestDb, type TestDb } from './rows.ts';
import { begin, calls, starts } from './transition-calls.ts';

/* The counted backlog is the true one, whatever was done to the images in whatever order. */

let db: TestDb;
beforeAll(async () => {
  db = await openTestDb();
});
afterAll(() => db.close());

const owners = new Map(transitions.map(({ statement, owner }) => [statement, owner]));
const writers = [...owners.keys()];

/** A generator of the same whole numbers below `bound` for the same seed. */
function numbers(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

/** Runs `work` with the connections of all functions. */
async function asFunctions<Result>(
  work: (of: (name: Writer) => Connection) => Promise<Result>,
): Promise<Result> {
  const open = new Map<string, Connection>();
  const enter = async (rest: readonly string[]): Promise<Result> => {
    const [role, ...others] = rest;
    if (role === undefined) return work((name) => open.get(owners.get(name) ?? '') as Connection);
    return db.as(`sluice_${role}`).run((connection) => {
      open.set(role, connection);
      return enter(others);
    });
  };
  return enter(['api', 'process', 'sweep']);
}

async function expectNoDrift(): Promise<void> {
  const snapshot = await rollUp(db);
  expect(await summedBacklog(db.admin)).toEqual(await trueBacklog(db.admin));
  expect([...snapshot.tenants.keys()].sort()).toEqual(
    (await trueBacklog(db.admin)).map((row) => (row as { tenant: string }).tenant),
  );
  expect(
    await db.as('sluice_sweep').run((connection) => reconcileBacklog(connection, { everySeconds: 0 })),
  ).toEqual([]);
}

describe('the counted backlog', () => {
  it('is the true one after each statement, from each state', async () => {
    const next = numbers(1);
    await asFunctions(async (connectionOf) => {
      for (const name of writers)
        for (const call of calls[name])
          for (const start of starts) {
            const id = await begin(db.admin, start, { work: (1 + next(9_999)) / 1000 });
            await call(connectionOf(name), id, db.admin);
          }
    });
    await expectNoDrift();
  });

  it.each([2, 3, 4])('is the true one after a random walk (seed %i)', async (seed) => {
    const next = numbers(seed);
    const pick = <One>(all: readonly One[]): One => all[next(all.length)] as One;
    const ids: string[] = [];
    await asFunctions(async (connectionOf) => {
      for (let step = 0; step < 400; step += 1) {
        if (ids.length === 0 || next(4) === 0)
          ids.push(await begin(db.admin, pick(starts), { work: (1 + next(9_999)) / 1000 }));
        const name = pick(writers);
        await pick(calls[name])(connectionOf(name), pick(ids.slice(-8)), db.admin);
        if (next(50) === 0) await rollUp(db);
      }
    });
    await expectNoDrift();
  });
});

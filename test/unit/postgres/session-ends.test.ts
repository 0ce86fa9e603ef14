import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Database, DatabaseOptions } from '../../../lambda/postgres/connection/connection.ts';
import { openOnDemand } from '../../../lambda/postgres/connection/on-demand.ts';
import { keepOpen } from '../../../lambda/postgres/connection/persistent-connection.ts';
import { sessionLimits } from '../../../lambda/postgres/connection/role-limits.ts';
import { freeze } from '../../support/freeze.ts';
import { patience } from '../../support/pace.ts';
import { openTestDb, type TestDb } from './rows.ts';
import { layWire } from './wire.ts';

/*
 * An error has a consequence for its session: what is of no use any more is ended on both ends, so that no environment
 * ever holds two and none goes on refusing once the trouble is over.
 */

let db: TestDb;
beforeAll(async () => {
  db = await openTestDb();
  await db.admin.query('create table note (text text)');
});
afterAll(() => db.close());

/** Access as a role of the test's own, with the settings `holds` of ALTER ROLE. */
async function as(role: string, ...holds: string[]): Promise<DatabaseOptions> {
  await db.admin.query(`create role ${role} login password '${role}'`);
  onTestFinished(async () => {
    await endAll(role);
    await expect.poll(() => sessionsOf(role), { timeout: patience(30_000) }).toEqual([]);
    await db.admin.query(`drop owned by ${role}; drop role ${role}`);
  });
  await db.admin.query(`grant insert, select on note to ${role}`);
  for (const one of holds) await db.admin.query(`alter role ${role} ${one}`);
  return { ...db.options(role), password: async () => role };
}
/** Process ids of the role's sessions. */
async function sessionsOf(role: string): Promise<number[]> {
  const { rows } = await db.admin.query<{ pid: number }>(
    'select pid from pg_stat_activity where usename = $1 order by backend_start',
    [role],
  );
  return rows.map(({ pid }) => pid);
}
const endAll = (role: string) =>
  db.admin.query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [role]);
const write = (database: Database, signal?: AbortSignal) =>
  database.run((connection) => connection.query("insert into note values ('mine')"), {
    ...(signal === undefined ? {} : { signal }),
  });
const away = { name: 'TransientFailure', code: 'database_unavailable' };

describe('a server that became a reader, as after a failover', () => {
  it('a server that became a reader is left at once: the next call has its own session, and the first has ended', async () => {
    const options = await as('reader');
    const database = keepOpen({ ...options, trustMs: 60_000 });
    await db.admin.query('alter role reader set default_transaction_read_only = on');
    await expect(write(database)).rejects.toMatchObject({ ...away, message: 'database_unavailable: 25006' });
    expect(await sessionsOf('reader')).toEqual([]);
    await db.admin.query('alter role reader reset default_transaction_read_only');
    expect((await write(database)).rowCount).toBe(1);
    expect(await sessionsOf('reader')).toHaveLength(1);
    await database.close();
  });
});

describe('a backend that hangs', () => {
  it.each([
    ['the caller', 'caller', {}, 100],
    ['the driver', 'driver', { answerTimeoutMs: patience(1_000) }, undefined],
  ])(
    'a hanging backend is left when %s stops waiting, and ends when it wakes',
    async (_, role, more, withinMs) => {
      const database = keepOpen({ ...(await as(role)), ...more, trustMs: 60_000 });
      await write(database);
      const [stopped = 0] = await sessionsOf(role);
      await freeze(stopped);
      try {
        const signal = withinMs === undefined ? undefined : AbortSignal.timeout(withinMs);
        await expect(write(database, signal)).rejects.toMatchObject(away);
        expect((await write(database)).rowCount).toBe(1);
      } finally {
        process.kill(stopped, 'SIGCONT');
      }
      await expect.poll(() => sessionsOf(role), { timeout: patience(30_000) }).toHaveLength(1);
      expect(await sessionsOf(role)).not.toContain(stopped);
      await database.close();
    },
  );
});

describe('a lost client', () => {
  it('a lost client is noticed while its statement runs, and its slot is freed', async () => {
    const limits = Object.entries(sessionLimits('sluice_process', { persistent: false }, false))
      .filter(([name]) => name !== 'statement_timeout')
      .map(([name, value]) => `set ${name} = '${value}'`);
    const database = openOnDemand(await as('gone', ...limits));
    const abort = new AbortController();
    const call = database.run((connection) => connection.query('select pg_sleep(600)'), {
      signal: abort.signal,
    });
    await expect.poll(() => sessionsOf('gone'), { timeout: patience(30_000) }).toHaveLength(1);
    abort.abort();
    await expect(call).rejects.toMatchObject(away);
    await expect.poll(() => sessionsOf('gone'), { timeout: patience(30_000) }).toEqual([]);
  });

  it('a lost client is noticed on a dead connection, once its session has idled for its limit', async () => {
    const options = await as('dark', "set idle_session_timeout = '200ms'");
    const wire = await layWire(db.address);
    onTestFinished(() => wire.close());
    const database = keepOpen({
      ...options,
      environment: { ...options.environment, DATABASE_PORT: wire.port },
    });
    await write(database);
    wire.silence();
    await expect(write(database, AbortSignal.timeout(100))).rejects.toMatchObject(away);
    expect((await write(database)).rowCount).toBe(1);
    await expect.poll(() => sessionsOf('dark'), { timeout: patience(30_000) }).toEqual([]);
    await database.close();
  });
});

/** Environments that write without a pause until they are stopped. */
function traffic(databases: readonly Database[]) {
  let over = false;
  const now = databases.map(() => ({ good: 0, bad: 0 }));
  const loops = databases.map(async (database, place) => {
    const mine = now[place] ?? { good: 0, bad: 0 };
    while (!over) {
      const failed = await write(database, AbortSignal.timeout(150)).then(
        () => false,
        () => true,
      );
      if (failed) mine.bad += 1;
      else mine.good += 1;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  });
  /** Resolves when each environment has seen this happen once more. */
  const each = async (what: 'good' | 'bad') => {
    const before = now.map((one) => one[what]);
    await expect
      .poll(() => now.every((one, place) => one[what] > (before[place] ?? 0)), { timeout: patience(30_000) })
      .toBe(true);
  };
  const stop = async () => {
    over = true;
    await Promise.all(loops);
    for (const database of databases) await database.close();
  };
  // Also when the test fails: it would go on against a database that is gone.
  onTestFinished(stop);
  return { each, stop };
}

/** The most sessions of a role that were seen, asked every 50 ms. */
function sample(role: string) {
  let most = 0;
  let asking = Promise.resolve();
  const timer = setInterval(() => {
    asking = asking.then(async () => {
      most = Math.max(most, (await sessionsOf(role)).length);
    });
  }, 50);
  const stop = async () => {
    clearInterval(timer);
    await asking;
    return most;
  };
  onTestFinished(async () => void (await stop()));
  return stop;
}

/** Does something to the process of a session. @returns false if it has ended, because its environment left it */
async function ifThere(act: () => Promise<void> | boolean): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ESRCH' || code === 'ENOENT') return false;
    throw error;
  }
}

/** Stops the role's sessions, and in the place of one that has ended meanwhile the next of its environment. */
async function freezeAll(role: string, stopped: Set<number>): Promise<void> {
  const freezeOne = async (pid: number) => {
    stopped.add(pid);
    if (!(await ifThere(() => freeze(pid)))) stopped.delete(pid);
  };
  const freezeMore = async () => {
    const found = await sessionsOf(role);
    await Promise.all(found.filter((pid) => !stopped.has(pid)).map(freezeOne));
    return stopped.size;
  };
  await expect
    .poll(freezeMore, { timeout: patience(30_000), interval: 5 })
    .toBeGreaterThanOrEqual(environments);
}

const environments = 4;
/** Most connections of an environment, and how this kind of database is opened. */
const kinds = [
  // A hung session and the one in its place: the budget counts each environment of api twice.
  ['api', 2, (options: DatabaseOptions) => keepOpen({ ...options, trustMs: 60_000 })],
  // Postgres refuses the second, and the call is refused until the first is gone.
  ['process', 1, (options: DatabaseOptions) => openOnDemand({ ...options, patienceMs: 50 })],
] as const;

describe.each(kinds)('environments of %s', (name, share, open) => {
  const budget = share * environments;

  it.each([
    [
      'a stall',
      async (role: string, seen: Promise<void>) => {
        const stopped = new Set<number>();
        try {
          await freezeAll(role, stopped);
          await seen;
        } finally {
          for (const pid of stopped) await ifThere(() => process.kill(pid, 'SIGCONT'));
        }
      },
    ],
    [
      'a failover',
      async (role: string, seen: Promise<void>) => {
        await db.admin.query(`alter role ${role} set default_transaction_read_only = on`);
        await endAll(role);
        await seen;
        await db.admin.query(`alter role ${role} reset default_transaction_read_only`);
      },
    ],
  ])('environments stay within the budget through %s, and all recover afterwards', async (what, befall) => {
    const role = `${name}_${what.slice(2)}`;
    const options = await as(role, `connection limit ${budget}`);
    const { each, stop } = traffic(Array.from({ length: environments }, () => open(options)));
    const most = sample(role);
    await each('good');
    for (let round = 0; round < 3; round += 1) {
      await befall(role, each('bad'));
      await each('good');
      // Nothing is left behind that could add up from one to the next.
      await expect
        .poll(async () => (await sessionsOf(role)).length, { timeout: patience(30_000) })
        .toBeLessThanOrEqual(environments);
    }
    await stop();
    expect(await most()).toBeLessThanOrEqual(budget);
    await expect.poll(() => sessionsOf(role), { timeout: patience(30_000) }).toEqual([]);
  });
});

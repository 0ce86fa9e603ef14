import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Activity } from '../../../bench/spike/activity.ts';
import { startLoop } from '../../../bench/spike/loop.ts';
import { coreMeter } from '../../../bench/spike/processors.ts';
import type { Sample } from '../../../bench/spike/result.ts';
import { sampledOf } from '../../../bench/spike/sampled.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';

const counts = {
  text: 'select application_name as name, count(*)::int from pg_stat_activity where datname = current_database() group by 1',
};
const backend = async (client: pg.Client) =>
  (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid;

describe('the connection of a sampler', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(() => database.drop());
  const open = (change: pg.ClientConfig = {}) => {
    const { host, port, user, password, name } = database;
    const activity = new Activity({ host, port, user, password, database: name, ...change }, counts);
    onTestFinished(() => activity.close());
    return activity;
  };

  it('counts connections, and is opened anew after the server has ended it', async () => {
    const activity = open();
    expect(await activity.connections()).toEqual({ sampler: 1 });
    const first = await activity.read(backend);
    const admin = new pg.Client({ ...database, database: database.name, application_name: 'admin' });
    await admin.connect();
    onTestFinished(() => admin.end());
    await admin.query('select pg_terminate_backend($1, 60000)', [first]);
    expect(await activity.connections()).toBeUndefined();
    expect(await activity.connections()).toEqual({ sampler: 1, admin: 1 });
    expect(await activity.read(backend)).not.toBe(first);
  });

  it('two reads at once share it', async () => {
    const activity = open();
    const [one, other] = await Promise.all([activity.read(backend), activity.read(backend)]);
    expect(one).toBeDefined();
    expect(other).toBe(one);
  });

  it('reads nothing of a database that is away, and does not hide a mistake', async () => {
    expect(await open({ port: 1 }).connections()).toBeUndefined();
    const activity = open();
    await expect(activity.read((client) => client.query('select nothing'))).rejects.toThrow('nothing');
    expect(await activity.connections()).toEqual({ sampler: 1 });
  });
});

describe('how well a run was seen', () => {
  const read = (at: number): Sample => ({ at, connections: {} }) as Sample;
  const unread = (at: number) => ({ at }) as Sample;

  it('counts what was not read while the database was up, and not in an outage', () => {
    const samples = [read(1), unread(1.05), unread(10), read(10.4), unread(20), unread(20.05), read(20.1)];
    expect(sampledOf(samples, [{ from: 10, to: 20 }])).toEqual({
      ...{ count: 7, largestGapMs: 9600, whileUp: 4, unread: 2 },
    });
  });
});

describe('a loop', () => {
  it('ends with the first error, and says so', async () => {
    const numbers: number[] = [];
    const loop = startLoop(1, async (number) => {
      numbers.push(number);
      if (number === 2) throw new Error('a mistake');
    });
    await expect(loop.failed).rejects.toThrow('a mistake');
    await loop.stop();
    expect(numbers).toEqual([0, 1, 2]);
  });

  it('ends after the work in progress when it is stopped', async () => {
    let isDone = false;
    const loop = startLoop(1, async () => {
      await new Promise(setImmediate);
      isDone = true;
    });
    await loop.stop();
    expect(isDone).toBe(true);
  });
});

describe('cores that were used', () => {
  it('are what each part grew by, over a second or more', () => {
    let now = 0;
    let used = 0;
    const cores = coreMeter(
      () => ({ part: used }),
      () => now,
    );
    [now, used] = [900, 5];
    expect(cores()).toEqual({});
    [now, used] = [2_000, 3];
    expect(cores()).toEqual({ part: 1.5 });
    now = 2_500;
    expect(cores()).toEqual({ part: 1.5 });
  });
});

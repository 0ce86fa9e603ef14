import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Connection, Database } from '../../lambda/postgres/connection/connection.ts';
import type { Claim } from '../../lambda/postgres/images/claim.ts';
import type { Distance } from '../distance/distance.ts';
import { batchSize, type Cost, type Measured, medianCost, type WayName, wayNames } from './result.ts';
import {
  type Address,
  backendMs,
  backendOf,
  openSession,
  openWorkersDatabase,
  type Session,
} from './sessions.ts';
import { claim, commit, type Target, thirteenStatements } from './statements.ts';
import { openWorker } from './worker.ts';

export interface Surroundings {
  admin: pg.Client;
  distance: Distance;
  address: Address;
  rounds: number;
  /** Rounds of photographs, which take ten seconds each. */
  slowRounds: number;
}

const warmUps = 2;
/** Of a decode: 640 x 480, and 12 megapixels on Lambda. */
const decodeMs = { small: 60, photograph: 1_000 };
/** Until Postgres counts the CPU of a backend that has ended. */
const reapMs = 50;

/** Every way in each round, ten jobs each. */
export async function measure(
  { admin, distance, address, rounds, slowRounds }: Surroundings,
  say: (line: string) => void,
): Promise<Measured> {
  const naive = await openSession(address, distance);
  const statements = openWorkersDatabase(address, distance);
  const unnamed = openWorkersDatabase(address, distance, { prepared: 'unnamed' });
  const small = openWorker(openWorkersDatabase(address, distance), decodeMs.small);
  const photographs = openWorker(openWorkersDatabase(address, distance), decodeMs.photograph);
  const closing = openWorker(openWorkersDatabase(address, distance, { lingerMs: 250 }), decodeMs.photograph);
  const costs = new Map<WayName, Cost[]>(wayNames.map((way) => [way, []]));

  /** Adds what a round of a way took. The work may count its milliseconds itself. */
  async function time(way: WayName, cpuMs: () => number, work: () => Promise<unknown>): Promise<void> {
    const [roundTrips, cpu, began] = [await distance.roundTrips(), cpuMs(), performance.now()];
    const own = await work();
    const ms = typeof own === 'number' ? own : performance.now() - began;
    if (cpuMs === naive.endedMs) await sleep(reapMs);
    costs
      .get(way)
      ?.push({ ms, cpuMs: cpuMs() - cpu, roundTrips: (await distance.roundTrips()) - roundTrips });
  }

  async function next(): Promise<Target[]> {
    const { rows } = await admin.query<Target>(
      `select id as "imageId", tenant_id as tenant from image
       where status = 'queued' and deleted_at is null and replaces is null order by id limit $1`,
      [batchSize],
    );
    return rows;
  }

  async function haveEnded(images: readonly Target[]): Promise<void> {
    const { rows } = await admin.query(
      "select count(*)::int from image where id = any($1) and status = 'ready' and pending is null",
      [images.map(({ imageId }) => imageId)],
    );
    if (rows[0].count !== images.length) throw new Error(`${rows[0].count} images are ready`);
  }

  async function twoStatements(on: Connection, cpuMs: Session['cpuMs'], ways: [WayName, WayName]) {
    const batch = await next();
    let claims: Claim[] = [];
    await time(ways[0], cpuMs, async () => {
      claims = await claim(on, batch);
    });
    await time(ways[1], cpuMs, () => commit(on, batch, claims));
  }

  /** A change of triggers makes a session plan its statements anew. */
  async function unmeasured(on: Connection): Promise<void> {
    const batch = await next();
    await commit(on, batch, await claim(on, batch));
  }

  async function withoutEvents(work: () => Promise<void>): Promise<void> {
    const all = (verb: string) =>
      admin.query(
        `alter table image ${verb} trigger image_event_number, ${verb} trigger image_event_updated`,
      );
    await all('disable');
    try {
      await work();
    } finally {
      await all('enable');
    }
  }

  await onBoth(statements, unnamed, async (connection, other) => {
    const own = await cpuOf(connection);
    const others = await cpuOf(other);
    for (let round = -warmUps; round < rounds; round++) {
      say(round < 0 ? 'Warming up' : `Round ${round + 1} of ${rounds}`);
      if (round === 0) for (const all of costs.values()) all.length = 0;
      await time('empty', own, () => connection.query('select $1::int', [1]));
      const ten = await next();
      await time('naive', naive.cpuMs, async () => {
        for (const target of ten) await thirteenStatements(naive.client, target);
      });
      await twoStatements(connection, own, ['claim', 'commit']);
      await withoutEvents(async () => {
        await unmeasured(connection);
        const batch = await next();
        const claims = await claim(connection, batch);
        await time('commitSilent', own, () => commit(connection, batch, claims));
      });
      await unmeasured(connection);
      await twoStatements(other, others, ['claimUnnamed', 'commitUnnamed']);
      const images = await next();
      await time('worker', naive.endedMs, () => small(images));
      await haveEnded(images);
      if (round < 0 || round >= slowRounds) continue;
      const large = await next();
      await time('photographs', naive.endedMs, () => photographs(large));
      await haveEnded(large);
      const last = await next();
      await time('photographsClosing', naive.endedMs, () => closing(last));
      await haveEnded(last);
    }
  });
  await statements.close();
  await unnamed.close();
  await naive.client.end();
  return medianCost(costs);
}

/** Runs on a connection of each. */
function onBoth(
  one: Database,
  other: Database,
  work: (one: Connection, other: Connection) => Promise<void>,
): Promise<void> {
  return one.run((first) => other.run((second) => work(first, second)));
}

async function cpuOf(connection: Connection): Promise<() => number> {
  const pid = await backendOf(connection);
  return () => backendMs(pid);
}

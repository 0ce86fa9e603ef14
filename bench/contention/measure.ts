import type pg from 'pg';
import { type Times, type WayName, ways } from './ways.ts';

export interface Load extends Times {
  way: WayName;
  writers: number;
  rows: number;
}

/** What the writers of a load did in one round. Latencies in milliseconds, of whole edits with their retries. */
export interface Seen extends Load {
  seconds: number;
  latencies: number[];
  retries: number;
  /** Edits that took more attempts than PATCH makes. */
  beyondFive: number;
  /** Edits whose effect is not in the rows. */
  lost: number;
}

const attemptsOfPatch = 5;

/** Every writer edits random rows, one after the other, for so many milliseconds; the last edits are finished. */
export async function measure(
  admin: pg.Client,
  sessions: readonly pg.Client[],
  load: Load,
  forMs: number,
): Promise<Seen> {
  const { way, writers, rows } = load;
  await admin.query(`truncate document`);
  await admin.query(
    `insert into document select n, 1, '{"number": 0}' from generate_series(1, $1::int) as n`,
    [rows],
  );
  await admin.query('vacuum (analyze) document');
  const latencies: number[] = [];
  let retries = 0;
  let beyondFive = 0;
  const began = performance.now();
  await Promise.all(
    sessions.slice(0, writers).map(async (session) => {
      while (performance.now() - began < forMs) {
        const start = performance.now();
        const attempts = await ways[way](session, 1 + Math.floor(Math.random() * rows), load);
        latencies.push(performance.now() - start);
        retries += attempts - 1;
        beyondFive += attempts > attemptsOfPatch ? 1 : 0;
      }
    }),
  );
  const seconds = (performance.now() - began) / 1_000;
  const { rows: sums } = await admin.query<{ sum: number }>(
    `select sum((metadata ->> 'number')::int)::int as sum from document`,
  );
  return { ...load, seconds, latencies, retries, beyondFive, lost: latencies.length - (sums[0]?.sum ?? 0) };
}

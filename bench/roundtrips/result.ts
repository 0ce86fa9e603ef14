import { aligned, round } from '../table.ts';

export const batchSize = 10;

export const wayNames = [
  'empty',
  'naive',
  'claim',
  'commit',
  'commitSilent',
  'claimUnnamed',
  'commitUnnamed',
  'worker',
  'photographs',
  'photographsClosing',
] as const;
export type WayName = (typeof wayNames)[number];

/** Ways of the whole worker, with sessions of their own. */
export const workerWays: ReadonlySet<WayName> = new Set(['worker', 'photographs', 'photographsClosing']);

/** Of ten jobs, or of one empty statement: milliseconds of waiting, of the database's CPU, and round trips. */
export interface Cost {
  ms: number;
  cpuMs: number;
  roundTrips: number;
}
/** Medians; the CPU of the workers is a mean, because Linux counts ended processes in ticks of 10 ms. */
export type Measured = Record<WayName, Cost>;

/** A promise; one that is not judged is only shown. */
export interface Kept {
  promise: string;
  must: string;
  seen: string;
  kept: boolean;
  judged: boolean;
}

export interface Result {
  rounds: number;
  roundTripMs: number;
  measured: Measured;
  promises: Kept[];
  machine: { processor: string; node: string };
}

export function medianCost(costs: ReadonlyMap<WayName, Cost[]>): Measured {
  const entries = [...costs].map(([way, all]) => {
    const of = (field: keyof Cost) => middle(all.map((cost) => cost[field]));
    const mean = all.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / Math.max(1, all.length);
    const cpuMs = workerWays.has(way) ? mean : of('cpuMs');
    return [way, { ms: round(of('ms'), 3), cpuMs: round(cpuMs, 3), roundTrips: of('roundTrips') }];
  });
  return Object.fromEntries(entries) as Measured;
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/**
 * A job's share of a statement. The milliseconds are out of reach for statements that do what ours do, whatever the
 * machine, so only a loss against today fails the run.
 */
export function judge({ naive, claim, commit, commitSilent }: Measured): Kept[] {
  const roundTrips = Math.max(claim.roundTrips, commit.roundTrips) / batchSize;
  const ms = Math.max(claim.ms, commit.ms) / batchSize;
  const times = naive.ms / Math.max(claim.ms, commit.ms);
  const events = commit.ms / commitSilent.ms;
  return [
    row('round trips a job and statement', '≤ 0.1', roundTrips, roundTrips <= 0.1, true),
    row('times less than 13 single statements', '≥ 20', times, times >= 20, true),
    row('the same', '≥ 60', times, times >= 60, false),
    row('ms a job and statement', '≤ 0.25', ms, ms <= 0.25, false),
    row('times the commit without events', '≤ 1.3', events, events <= 1.3, true),
  ];
}

function row(promise: string, must: string, value: number, kept: boolean, judged: boolean): Kept {
  return { promise, must, seen: round(value, value < 10 ? 2 : 0).toString(), kept, judged };
}

const labels: Record<WayName, string> = {
  empty: 'an empty statement',
  naive: '13 single statements a job',
  claim: 'claim of ten',
  commit: 'commit of ten',
  commitSilent: 'commit of ten, without their events',
  claimUnnamed: 'claim of ten, unnamed, as behind a pooler',
  commitUnnamed: 'commit of ten, unnamed, as behind a pooler',
  worker: 'the worker, images of 60 ms',
  photographs: 'the worker, photographs of 1 s',
  photographsClosing: 'the same, disconnecting after 250 ms',
};

/** The result as tables for the terminal and for Markdown. */
export function resultTable({ measured, promises }: Result): string {
  const rows = wayNames
    .filter((way) => measured[way].roundTrips > 0)
    .map((way) => {
      const jobs = way === 'empty' ? 1 : batchSize;
      const { ms, cpuMs, roundTrips } = measured[way];
      const ratio = way === 'empty' ? '' : (measured.naive.ms / ms).toFixed(1);
      return [
        labels[way],
        (roundTrips / jobs).toFixed(2),
        (ms / jobs).toFixed(2),
        (cpuMs / jobs).toFixed(2),
        ratio,
      ];
    });
  const verdict = ({ kept, judged }: Kept) => `${kept ? 'kept' : 'NOT KEPT'}${judged ? '' : ', shown only'}`;
  return [
    ...aligned([['work', 'round trips a job', 'ms a job', 'CPU ms of the database', 'times less'], ...rows]),
    '',
    ...aligned([
      ['promise', 'must', 'seen', ''],
      ...promises.map((one) => [one.promise, one.must, one.seen, verdict(one)]),
    ]),
  ].join('\n');
}

/** The page result.md. */
export function resultPage(result: Result): string {
  const { rounds, machine, roundTripMs } = result;
  return `# Round trips to the database

What a job costs at a round trip of ${roundTripMs} ms, which a proxy adds. In turns, ${rounds} rounds of ten jobs with six variants each, medians; 30,000 images, 10,000 of them waiting, a durable Postgres.

${resultTable(result)}

- The worker claims a batch with one statement and could record it with one: a tenth of a round trip a job each, as promised.
- Both do more than such statements must: the claim settles suspects, newer images of a name and the age of the oldest work, and both keep the counts of the backlog. A round trip and the driver leave about 1 ms of the 2.5 ms that the promise allows for ten jobs; Postgres needs 1.2 and 2.2 ms to run them. Of the planner's settings none makes a difference (join_collapse_limit, from_collapse_limit, geqo_threshold, enable_mergejoin, enable_hashjoin).
- The commit writes an event of each image (migration 000019) by two triggers, in the same statement. Without them it takes what its own row says.
- Both are prepared by name: a session parses them once and, from the sixth on, plans them no more. Behind a pooler they are unnamed, because PgBouncer before 1.21 refuses named ones and RDS Proxy pins their session; then parsing takes 0.5 ms each time, planning 1.6 ms for the claim and 0.8 ms for the commit.
- The worker does not record a batch with one statement, but each image when it ends, together with the beginning of the lane's next one. So only images in progress are suspected when a worker dies, and none that has ended is made again. This is one statement a job. A batch has a session of its own, whose login, empty caches and first plans are most of its CPU: the database works as much for a job as with 13 single statements on an open connection, in an eighth of the round trips. Ends that share a statement would need beginnings written ahead, and with them more suspects.
- The worker keeps its connection for 2.5 s. The last row is what it costs to disconnect after 250 ms, between two photographs: five round trips, a process, a login, and a session that plans with empty caches. An execution holds one connection at most either way.

Measured on ${machine.processor}, Node ${machine.node}. To repeat: \`npm run bench -- roundtrips\`; faster, without recording: \`npm run bench -- roundtrips --quick\`.
`;
}

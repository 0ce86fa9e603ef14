import type { AdmissionPolicy } from '../lambda/policy/admission/admission.ts';
import type { Distributions } from './distributions.ts';
import type { Gauge } from './gauges.ts';
import type { Told } from './ledger.ts';
import type { Wish } from './producers.ts';
import { exponential, streamOf } from './random.ts';
import type { Scenario } from './scenario.ts';
import { type Simulation, simulate } from './simulate.ts';

/** Clients of one tenant: each sends its next request after the last one was admitted. */
export interface Group {
  tenant: string;
  clients: number;
  /** Mean pause between two images of a client, in seconds. */
  pauseSeconds: number;
  keyed: boolean;
  bulk?: boolean;
  /** Seconds from which until which the clients are active. */
  from?: number;
  until?: number;
  /** Returns after this many seconds, whatever it was told. */
  impatient?: number;
  /** Images of each client; default: no limit. */
  images?: number;
  /** Takes tickets and never uploads. */
  hoards?: boolean;
}

export interface World {
  seconds: number;
  seed: number;
  environments: number;
  workers: number;
  /** Seconds of one image. */
  imageSeconds: (at: number) => number;
  /** What the policy assumes at its start. */
  priorPerSecond: number;
  maxBacklogSeconds: number;
  groups: Group[];
  /** Tenants without any traffic. */
  ticketSeconds?: number;
  /** Sees each policy after it has learnt. */
  watch?: (time: number, policy: AdmissionPolicy) => void;
}

/** Lists have an entry for each second. */
export interface Result {
  told: Told[];
  returns: number[];
  /** Images uploaded and not done, and these with unused tickets. */
  work: number[];
  workAndTickets: number[];
  /** Images done. */
  done: number[];
  /** Seconds from upload to the end, by tenant. */
  waits: Map<string, { at: number; seconds: number }[]>;
  /** By tenant and priority. */
  admissions: ReadonlyMap<string, readonly number[]>;
  refusedFirst: Map<string, number>;
  turnBytes: number;
}

/** Nothing takes time but uploads and the work on an image. */
const times: Distributions = {
  ...{ ticket: [0], enqueue: [0], receive: [0], apiStart: [0], workerStart: [0] },
  ...{ connect: [0], claim: [0], commit: [0], fetch: [0], put: [0] },
  upload: [0.2, 1.2],
  decode: [0.8, 1.2],
};
const unlimited = 1e9;

function scenarioOf(world: World): Scenario {
  const { seed, seconds, environments, workers, imageSeconds, ticketSeconds = 900, watch } = world;
  return {
    seed,
    until: seconds,
    drains: false,
    admission: {
      maxBacklogSeconds: world.maxBacklogSeconds,
      priorPerSecond: world.priorPerSecond,
      slots: workers,
    },
    brownOut: { enabled: false, enterSeconds: 1, leaveSeconds: 1, completionsPerSweep: 0 },
    api: { routing: 'random', environments, requestsPerSecond: unlimited, burst: unlimited },
    worker: {
      ...{
        cap: workers,
        batchSize: 1,
        jobsInFlight: 1,
        maxAttempts: 1,
        cheapest: 1,
        cheapestPuts: 1,
        later: 1,
        completionsPerSweep: 0,
      },
      ...{ timeoutSeconds: 60, visibilitySeconds: 360, decodeLimitSeconds: 25 },
      scaling: { first: workers, perSecond: 0 },
      decodeFactor: imageSeconds,
    },
    queue: { maxReceiveCount: 1_000, fair: true },
    database: {
      maxConnections: unlimited,
      limits: { api: unlimited, process: unlimited },
      outages: [],
      statementsAtOnce: unlimited,
    },
    ...{ times, storageFaults: [], deploys: [], duplicates: 0, poison: 0, ticketSeconds },
    ...(watch === undefined ? {} : { watch }),
  };
}

/**
 * Environments of the API with their policies, in a world in which only the work takes time: what is seen of admission is
 * due to admission.
 */
export function simulateWorld(world: World): Result {
  const simulation = simulate(scenarioOf(world), (parts) => {
    for (const group of world.groups) startGroup(group, world, parts);
    return () => false;
  });
  return resultOf(simulation);
}

function startGroup(group: Group, world: World, { clock, producers, pipeline }: Simulation): void {
  const { tenant, pauseSeconds, keyed, bulk = false, impatient, images = Number.POSITIVE_INFINITY } = group;
  const random = streamOf(world.seed, `${tenant}${bulk}${keyed}${impatient}`);
  const wish: Wish = { tenant, keyed, bulk, impatient, work: 1 };
  const client = (left: number) => {
    if (clock.now > (group.until ?? world.seconds) || left === 0) return;
    producers.ask(wish, (askedAt) => {
      if (group.hoards === true) pipeline.hoard(tenant, 1);
      else {
        const image = { tenant, work: 1, askedAt, obedient: impatient === undefined, direct: false };
        clock.after(0.2 + random(), pipeline.admit(image));
      }
      clock.after(exponential(pauseSeconds, random), () => client(left - 1));
    });
  };
  for (let n = 0; n < group.clients; n += 1)
    clock.after((group.from ?? 0) + exponential(Math.min(10, pauseSeconds), random), () => client(images));
}

function resultOf({ ledger, backlog, gauges }: Simulation): Result {
  const waits: Result['waits'] = new Map();
  for (const { tenant, uploadedAt, at } of ledger.ended) {
    const own = waits.get(tenant) ?? [];
    waits.set(tenant, own);
    own.push({ at: uploadedAt, seconds: at - uploadedAt });
  }
  const refusedFirst: Result['refusedFirst'] = new Map();
  for (const { tenant } of ledger.told) refusedFirst.set(tenant, (refusedFirst.get(tenant) ?? 0) + 1);
  const each = (count: (gauge: Gauge) => number) =>
    gauges.map((gauge, second) => count(gauge) - (second === 0 ? 0 : count(gauges[second - 1] as Gauge)));
  return {
    told: ledger.told,
    returns: each(({ returns }) => returns),
    work: gauges.map(({ visible, inFlight }) => visible + inFlight),
    workAndTickets: gauges.map(({ backlog: all }) => all),
    done: each(({ ended }) => ended),
    waits,
    admissions: ledger.admissions,
    refusedFirst,
    turnBytes: backlog.sharedBytes,
  };
}

import type { Quantiles } from '../../simulator/quantiles.ts';

/** What `npm run spike` records. All times are seconds since the start of the run, unless the name says otherwise. */

export type Design = 'plain' | 'sluice';

export interface Phase {
  name: string;
  from: number;
  to: number;
}

export interface Sample {
  at: number;
  /** Connections of each role, as pg_stat_activity has them; absent if the database did not answer. */
  connections?: Record<string, number>;
  /** Executions in flight: of the worker and of the API. */
  executions: number;
  apiExecutions: number;
  /** Messages of the work queue. */
  visible: number;
  inFlight: number;
  /** Age of the oldest admitted work that is uploaded and not ended. */
  oldestSeconds: number;
  // Counts since the start of the run.
  /** First requests of obedient producers, without returns; absent in the plain design. */
  asked?: number;
  /** Requests of producers, returns included. */
  offered: number;
  admitted: number;
  refused: number;
  ready: number;
  /** Images that reached any end. */
  ended: number;
  /** Messages in the dead-letter queue. */
  dead: number;
  /** Images that were ready later than the objective, or that were not ready by then. */
  late?: number;
  /** Connections refused with 53300 (too many connections). */
  refusedConnections: number;
  /** Cores used, by part, in the last second. */
  cpu: Record<string, number>;
  /** Generations of the functions alive: two during a deploy. */
  generations: number;
}

/** One refusal with a Retry-After, and what came of it. */
export interface Told {
  tenant: string;
  at: number;
  code: string;
  seconds: number;
  /** Seconds until as many requests of the tenant had been admitted as had asked before this one. */
  needed?: number;
  /** Whether the first return was admitted. */
  letIn?: boolean;
  /** The database or the storage was away between this and the first return. */
  acrossFault?: boolean;
  obedient: boolean;
}

/** What the run was set to; the limits by which it is judged. */
export interface RunConfig {
  /** max_connections of the Postgres. */
  maxConnections: number;
  /** Connections that the roles of the design may hold together. */
  budget: number;
  /** Connection limit of each role; absent in the plain design. */
  limits?: Record<string, number>;
  /** Executions of the worker that may run at once. */
  cap: number;
  batchSize: number;
  /** Seconds; `admission.maxBacklogAge`. Absent in the plain design. */
  objective?: number;
  tenants: number;
  /** The tenant that floods. */
  loud: string;
  /** Images per second that the design drains, as measured in the run's calibration. */
  drainPerSecond: number;
  /** Requests per second at the height of the flood: meant, and reached. */
  floodMeant: number;
  floodReached: number;
  /** Milliseconds of CPU that one image costs on this machine, and the wait that stands for a slower storage or decode. */
  cpuMsPerImage?: number;
  waitMs?: number;
  maxReceiveCount: number;
}

export interface Outcome {
  /** Images that the design accepted and that were uploaded. */
  images: number;
  ready: number;
  rejected: number;
  failed: number;
  /** Accepted, uploaded, and never ended. */
  lost: number;
  /** Ended later than the objective after they were uploaded, without the time in which the database or the storage was away. */
  late: number;
  /** Two ends of one image, or one variant stored twice. */
  doubled: number;
  /** In the dead-letter queue and never tried. */
  untriedDead: number;
  /** Receives of a message after its first. */
  receivesBurned: number;
  /** 53300, from the log of Postgres. */
  refusedConnections: number;
  /** Of those: outside the faults' phases. */
  refusedInSteadyState: number;
  /** Images whose recorded variants were compared with the bucket, and those that differed. */
  verified: number;
  differing: number;
  /** Sound images with another end than ready or failed. */
  soundRejected?: number;
  /** Orders ended by a response, to a request or to an upload, that neither admits nor says when to return. Absent in the plain design. */
  endedBy?: Record<string, number>;
  /** Age of the oldest work at its end in seconds, and without the time in which the database or the storage was away. */
  oldestSeconds?: number;
  oldestWithoutFaults?: number;
  /** Tickets that were never used, as their file was refused or the run ended. */
  unused?: number;
}

/** Of obedient producers only, unless the name says otherwise. */
export interface ToldSummary {
  refusals: number;
  returns: number;
  /** Share of first returns that were admitted, 0 to 1, of those that no fault fell into; and with them. */
  letInAtFirstReturn: number;
  returnsWithFaults?: number;
  letInWithFaults?: number;
  seconds: Quantiles;
  /** Median of told / needed, and how many refusals it is the median of. */
  againstNeeded: number;
  compared: number;
  /** What the one that returns after a second got: its requests, and those admitted. */
  disobedient: { requests: number; admitted: number };
  /** Refusals by code of the problem. */
  codes: Record<string, number>;
  /** Refusals without a Retry-After. */
  withoutRetryAfter: number;
}

export interface Recovery {
  name: 'database' | 'storage';
  /** Seconds since the start: the fault begins, and ends (the database accepts connections; the storage answers). */
  downAt: number;
  upAt: number;
  /** Seconds from `upAt` to the first image that became ready. */
  firstSuccess?: number;
  /** Seconds from `upAt` until the drain was at full speed: 85 % of what it was before the fault. */
  fullSpeed?: number;
  /** Images per second before the fault. */
  drainBefore: number;
  /** Returns of refused requests in the busiest second of the minute after `upAt`, obedient producers only. */
  herd: number;
  /** Returns a second in units of the highest drain before and in that minute, in the busiest `herdWindow` seconds, in which the drain makes twenty images. */
  herdPerDrain: number;
  herdWindow: number;
}

/** What the simulator repeats: more exact than samples that were thinned. */
export interface Replay {
  /** First requests, counted from the start, at the end of each second. */
  asked: number[];
  /** Images of the calibration that had been sent, at the end of each second. */
  calibrated: number[];
  /** Images a second in the second half of the calibration, while all executions were busy. */
  perSecond: number;
}

export interface Sampled {
  count: number;
  /** The largest pause between two of them in milliseconds. */
  largestGapMs: number;
  /** Those while the database was up, and of these the ones whose connections could not be read. */
  whileUp: number;
  unread: number;
}

export interface DesignRun {
  design: Design;
  /** Of Sluice. */
  replay?: Replay;
  seconds: number;
  config: RunConfig;
  phases: Phase[];
  /** At most about 600 in the file; extremes are kept. */
  samples: Sample[];
  /** All samples, before they were thinned. */
  sampled: Sampled;
  outcome: Outcome;
  /** Seconds from the first request to the end, by phase of the first request, by tenant. */
  latency: Record<string, Record<string, Quantiles>>;
  /** Milliseconds of a request to the API, by phase. */
  api: Record<string, Quantiles>;
  /** Requests without a response, by phase; absent in the plain design. */
  unanswered?: Record<string, number>;
  told?: ToldSummary;
  recovery: Recovery[];
  /** Of plain: executions that held a connection of Postgres or asked for one, at most, counted every 50 ms. */
  clientsAtOnce?: number;
}

export type CpuPart = 'functions' | 'decoder' | 'runner' | 'fauxqs' | 'postgres' | 'client';

export interface CpuByPart {
  /** What was sent, such as `640 × 480 JPEG as a body`. */
  image: string;
  images: number;
  imagesPerSecond: number;
  msPerImage: Record<CpuPart, number>;
}

export interface PromiseRow {
  promise: string;
  must: string;
  seen: string;
  kept: boolean;
  /** False if it is shown only, because it depends on the speed of the machine. */
  judged: boolean;
}

export interface Machine {
  cores: number;
  processor: string;
  memoryGiB: number;
  system: string;
  node: string;
  postgres?: string;
}

export interface SpikeResult {
  /** ISO 8601. */
  at: string;
  commit?: string;
  machine: Machine;
  quick: boolean;
  plain?: DesignRun;
  sluice?: DesignRun;
  cpu?: CpuByPart;
  promises: PromiseRow[];
  simulated?: Simulated;
}

/** What a run of a design is started with. */
export interface RunOptions {
  quick: boolean;
  /** Receives one line of progress. */
  say(line: string): void;
  /** Ends the run and everything that it started. */
  signal: AbortSignal;
}

/** What was seen in the run of Sluice, and what the simulator says of the same arrivals and faults. */
export interface Compared {
  seen: number;
  simulated: number;
}
export interface Simulated {
  /** Peaks of connections of each role, at samples of 50 ms. */
  connections: Record<string, Compared>;
  /** Seconds from the last request to an empty queue. */
  drainSeconds: Compared;
  admitted: Compared;
  refused: Compared;
}

import type { Settings } from '../lambda/domain/settings.ts';
import type { AdmissionPolicy } from '../lambda/policy/admission/admission.ts';
import type { Facts } from '../lambda/policy/admission/backlog-view.ts';
import type { DatabaseModel } from './database.ts';
import type { Distributions } from './distributions.ts';
import type { Fault } from './faults.ts';
import type { QueueModel } from './queue.ts';

export interface ApiModel {
  /**
   * `lambda`: a request takes the environment that was used last and is free, a new one if none is, and is throttled above
   * the limit (AWS does not say which one it takes). `random`: any of so many that always exist.
   */
  routing: 'lambda' | 'random';
  environments: number;
  /** Requests wait for an environment instead of being refused, as in the local runner. */
  waits?: boolean;
  /** Of the gateway: so many a second, and so many at once. */
  requestsPerSecond: number;
  burst: number;
}

export interface WorkerModel {
  cap: number;
  batchSize: number;
  timeoutSeconds: number;
  visibilitySeconds: number;
  jobsInFlight: number;
  maxAttempts: number;
  /** Least time that a job must have, in seconds. */
  decodeLimitSeconds: number;
  /** Invocations at once when messages come, and how many are added each second while some wait. */
  scaling: { first: number; perSecond: number };
  /** Part of a decode, and of the puts, that the cheapest variants take. */
  cheapest: number;
  cheapestPuts: number;
  /** Part of a decode that the variants take which a brown-out left for later. */
  later: number;
  completionsPerSweep: number;
  /** Of the back-off, in seconds. Default: as in the function. */
  backOffBase?: number;
  /** Changes the decode with time; for tests. */
  decodeFactor?: (at: number) => number;
}

/** Everything that a simulation starts from. Times are in seconds. */
export interface Scenario {
  seed: number;
  /** When the simulation ends, whatever is left. */
  until: number;
  /** Ends it when nothing is left to do. */
  drains: boolean;
  admission: Facts;
  brownOut: Settings['brownOut'];
  api: ApiModel;
  worker: WorkerModel;
  queue: QueueModel;
  database: DatabaseModel;
  times: Distributions;
  /** The bucket fails. */
  storageFaults: readonly Fault[];
  /** New generations of the functions. */
  deploys: readonly number[];
  /** Share of the upload events that come twice, and of the images that crash the sandbox. */
  duplicates: number;
  poison: number;
  ticketSeconds: number;
  /** Sees each policy after it has learnt. */
  watch?: (time: number, policy: AdmissionPolicy) => void;
  /** Called about once in so many seconds of virtual time. */
  progress?: (time: number) => void;
}

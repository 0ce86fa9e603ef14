import type { LoadTestOptions } from '../../../local/pipeline-options.ts';

/** What one run of Sluice does. A sabotage or a test changes parts of it. */
export interface Scenario {
  maxConnections: number;
  cap: number;
  /** `admission.maxBacklogAge` in seconds. */
  objective: number;
  /** A decode is killed after this; the endless animation takes several times as long. */
  decodeTimeoutMs: number;
  tenants: number;
  /** Images a minute over all tenants while it is quiet, and in the flood as it is meant. */
  quietPerMinute: number;
  floodPerMinute: number;
  /** Offered while shedding, in units of the drain. */
  shedFactor: number;
  /** Clients of the loud tenant that return after a second, whatever they are told. */
  disobedient: number;
  /** Part of the upload events that arrive twice. */
  duplicates: number;
  /** The part of the machine that the full drain may take; the rest is for what is refused, the producers and the sampling. */
  drainLoad: number;
  /** Time at full drain before anything is judged: the CPU of one image is measured, and admission learns the drain. */
  warmUpSeconds: number;
  /** Lengths of the phases in seconds; 0 leaves a phase out. `database` and `storage` are how long these are away. */
  seconds: Record<PhaseName, number>;
  /** Longest wait for the queue to be empty at the end. */
  drainSeconds: number;
  /** Passed to the local runner. */
  pipeline: Omit<LoadTestOptions, 'storageFaults' | 'duplicateEvents'> & { sweepEveryMs?: number };
}

export const phaseNames = [
  'quiet',
  'shed',
  'flood',
  'deploy',
  'database',
  'database recovers',
  'storage',
  'storage recovers',
] as const;
export type PhaseName = (typeof phaseNames)[number];

/** Phases in which other tenants' latency and the API's are promised: without those of the faults. */
export const steadyPhases: readonly string[] = ['shed', 'flood', 'deploy'];

const full: Scenario = {
  maxConnections: 100,
  cap: 8,
  objective: 60,
  decodeTimeoutMs: 2_000,
  tenants: 10,
  quietPerMinute: 50,
  floodPerMinute: 50_000,
  shedFactor: 10,
  disobedient: 10,
  duplicates: 0.05,
  drainLoad: 0.4,
  warmUpSeconds: 20,
  seconds: {
    quiet: 60,
    shed: 60,
    flood: 40,
    deploy: 20,
    database: 20,
    'database recovers': 45,
    storage: 10,
    'storage recovers': 35,
  },
  drainSeconds: 180,
  pipeline: {},
};

const quick: Scenario = {
  ...full,
  objective: 30,
  warmUpSeconds: 5,
  seconds: {
    quiet: 10,
    shed: 11,
    flood: 6,
    deploy: 7,
    database: 8,
    'database recovers': 11,
    storage: 4,
    'storage recovers': 8,
  },
  drainSeconds: 90,
};

export const scenarios = { full, quick };

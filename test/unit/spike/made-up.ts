import type { CpuByPart, DesignRun, Sample } from '../../../bench/spike/result.ts';
import type { Quantiles } from '../../../simulator/quantiles.ts';

const quantiles = (p95: number): Quantiles => ({ count: 100, p50: p95 / 2, p95, p99: p95, max: p95 });

export function sample(changes: Partial<Sample> = {}): Sample {
  return {
    at: 1,
    connections: { api: 6, process: 8 },
    executions: 8,
    apiExecutions: 2,
    visible: 100,
    inFlight: 20,
    oldestSeconds: 30,
    offered: 100,
    admitted: 50,
    refused: 50,
    ready: 40,
    ended: 40,
    dead: 0,
    refusedConnections: 0,
    cpu: {},
    generations: 2,
    ...changes,
  };
}

/** A run of Sluice that keeps every promise. */
export function goodRun(): DesignRun {
  return {
    design: 'sluice',
    seconds: 300,
    config: {
      maxConnections: 100,
      budget: 52,
      limits: { api: 40, process: 8, sweep: 2, operate: 1 },
      cap: 8,
      batchSize: 4,
      objective: 60,
      tenants: 10,
      loud: 't0',
      drainPerSecond: 8,
      floodMeant: 833,
      floodReached: 200,
      maxReceiveCount: 125,
    },
    phases: [
      { name: 'quiet', from: 0, to: 60 },
      { name: 'shed', from: 60, to: 120 },
      { name: 'flood', from: 120, to: 160 },
      { name: 'deploy', from: 160, to: 180 },
    ],
    samples: [sample({ generations: 1 }), sample()],
    sampled: { count: 6400, largestGapMs: 60, whileUp: 6000, unread: 0 },
    outcome: {
      images: 1000,
      ready: 990,
      rejected: 10,
      failed: 0,
      lost: 0,
      late: 0,
      doubled: 0,
      untriedDead: 0,
      receivesBurned: 5,
      refusedConnections: 0,
      refusedInSteadyState: 0,
      verified: 100,
      differing: 0,
      soundRejected: 0,
      endedBy: {},
      oldestSeconds: 70,
      oldestWithoutFaults: 50,
      unused: 0,
    },
    latency: {
      quiet: { others: quantiles(2) },
      shed: { others: quantiles(3) },
      flood: { others: quantiles(4) },
      deploy: { others: quantiles(4) },
    },
    api: { quiet: quantiles(40), shed: quantiles(200) },
    unanswered: { quiet: 0, shed: 0 },
    told: {
      refusals: 5000,
      returns: 500,
      letInAtFirstReturn: 0.95,
      seconds: quantiles(60),
      againstNeeded: 1.1,
      compared: 400,
      disobedient: { requests: 1000, admitted: 5 },
      codes: { backlog_share: 5000 },
      withoutRetryAfter: 0,
    },
    recovery: [
      {
        name: 'database',
        downAt: 180,
        upAt: 200,
        firstSuccess: 2,
        fullSpeed: 6,
        drainBefore: 8,
        herd: 12,
        herdPerDrain: 1.5,
        herdWindow: 4,
      },
      {
        name: 'storage',
        downAt: 240,
        upAt: 250,
        firstSuccess: 1,
        fullSpeed: 3,
        drainBefore: 8,
        herd: 9,
        herdPerDrain: 1.1,
        herdWindow: 4,
      },
    ],
  };
}

/** A run of the plain design that collapses. */
export function badRun(): DesignRun {
  const run = goodRun();
  return {
    ...run,
    design: 'plain',
    outcome: {
      ...run.outcome,
      refusedConnections: 5000,
      refusedInSteadyState: 5000,
      lost: 300,
      late: 200,
      untriedDead: 400,
    },
  };
}

export function goodCpu(): CpuByPart {
  return {
    image: '640 × 480 JPEG as a body',
    images: 100,
    imagesPerSecond: 26,
    msPerImage: { functions: 17, decoder: 40, runner: 10, fauxqs: 7, postgres: 1, client: 1 },
  };
}

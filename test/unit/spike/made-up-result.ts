import type { DesignRun, Outcome, Phase, Sample, SpikeResult } from '../../../bench/spike/result.ts';

/* A result that no run has produced, to draw and to judge in tests. */

const flood = { from: 20, to: 60 };
const away = { from: 80, to: 100 };
const within = (at: number, { from, to }: { from: number; to: number }) => at >= from && at < to;

/** @param step of one sample to the next */
export function samplesOf(seconds: number, step: (at: number, before: Sample) => Partial<Sample>): Sample[] {
  let sample: Sample = {
    ...{ at: 0, connections: {}, executions: 0, apiExecutions: 0, visible: 0, inFlight: 0, oldestSeconds: 0 },
    ...{ offered: 0, admitted: 0, refused: 0, ready: 0, ended: 0, dead: 0, late: 0, refusedConnections: 0 },
    ...{ cpu: {}, generations: 1 },
  };
  return Array.from({ length: Math.floor(seconds * 2) }, (_, index) => {
    const at = index / 2;
    sample = { ...sample, ...step(at, sample), at };
    return sample;
  });
}

const outcome = (rest: Partial<Outcome>): Outcome => ({
  ...{ images: 0, ready: 0, rejected: 0, failed: 0, lost: 0, late: 0, doubled: 0, untriedDead: 0 },
  ...{ receivesBurned: 0, refusedConnections: 0, refusedInSteadyState: 0, verified: 0, differing: 0 },
  ...{ soundRejected: 0, oldestSeconds: 0, oldestWithoutFaults: 0, unused: 0 },
  ...{ soundRejected: 0, oldestSeconds: 0, oldestWithoutFaults: 0, unused: 0 },
  ...rest,
});

const phases = (seconds: number, extra: Phase[] = []): Phase[] => [
  { name: 'quiet', from: 0, to: flood.from },
  { name: 'flood', ...flood },
  { name: 'deploy', from: 40, to: 40 },
  { name: 'database', ...away },
  ...extra,
  { name: 'drain', from: flood.to, to: seconds },
];

function run(
  design: 'plain' | 'sluice',
  seconds: number,
  samples: Sample[],
  rest: Partial<DesignRun>,
): DesignRun {
  return {
    ...{ design, seconds, samples, phases: phases(seconds), latency: {}, api: {}, recovery: [] },
    sampled: { count: samples.length, largestGapMs: 60, whileUp: samples.length, unread: 0 },
    outcome: outcome({}),
    config: {
      ...{ maxConnections: 100, budget: design === 'plain' ? 97 : 65, cap: design === 'plain' ? 1000 : 8 },
      ...{ batchSize: design === 'plain' ? 10 : 4, tenants: 10, loud: 't0', drainPerSecond: 6 },
      ...{ floodMeant: 833, floodReached: design === 'plain' ? 830 : 420, waitMs: 1500, maxReceiveCount: 3 },
      ...(design === 'sluice' ? { objective: 60 } : {}),
    },
    ...rest,
  };
}

export function madeUpResult(): SpikeResult {
  const plainSamples = samplesOf(170, (at, before) => {
    const flooding = within(at, flood);
    const down = within(at, away);
    const admitted = before.admitted + (flooding ? 410 : 0.4);
    const working = at < 22 ? 1 : down ? 0 : Math.min(97, (at - 20) * 12);
    const ready = Math.min(admitted, before.ready + working / 3);
    const dead = Math.min(admitted - ready, before.dead + (at > 110 ? 110 : 0));
    return {
      connections: down ? {} : { process: Math.min(77, working), api: flooding ? 20 : 4 },
      ...{ admitted, ready, dead, ended: ready, offered: admitted, generations: 1 },
      executions: down ? 300 : working * 4,
      oldestSeconds: at < 24 ? 1 : at - 22,
      refusedConnections: before.refusedConnections + (at > 28 && !down && ready + dead < admitted ? 160 : 0),
      late: at > 85 ? Math.min(before.admitted, before.late ?? 0 + 400) + (at < 120 ? 380 : 0) : 0,
    };
  });
  const sluiceSamples = samplesOf(360, (at, before) => {
    const flooding = at >= 20 && at < 240;
    const down = within(at, { from: 150, to: 170 });
    const admitted = before.admitted + (down ? 0 : at < 20 ? 0.4 : flooding ? (at < 50 ? 12 : 3.2) : 0);
    const ended = Math.min(admitted, before.ended + (down || at < 21 ? 0.4 : 3.1));
    return {
      connections: down
        ? {}
        : {
            process: Math.round(4 + 4 * Math.sin(at * 7)),
            api: at < 20 ? 2 : 20,
            sweep: at % 60 < 1 ? 1 : 0,
          },
      ...{ admitted, ended, ready: ended * 0.99, offered: before.offered + 1 },
      executions: 8,
      refused: before.refused + (flooding ? 200 : 0),
      oldestSeconds: Math.min(56, Math.max(1, (admitted - ended) / 6)),
      late: 0,
      generations: within(at, { from: 130, to: 145 }) ? 2 : 1,
    };
  });
  return {
    at: '2026-11-29T12:00:00.000Z',
    machine: { cores: 2, processor: 'made up', memoryGiB: 16, system: 'linux', node: 'v24.21.0' },
    quick: false,
    plain: run('plain', 170, plainSamples, {
      outcome: outcome({
        images: 16_400,
        ready: 5_200,
        failed: 11_200,
        untriedDead: 10_900,
        late: 15_800,
        doubled: 900,
        receivesBurned: 51_000,
        refusedConnections: 41_234,
      }),
    }),
    sluice: run('sluice', 360, sluiceSamples, {
      outcome: outcome({ images: 1_800, ready: 1_780, rejected: 20 }),
      phases: [
        { name: 'quiet', from: 0, to: 20 },
        { name: 'shed', from: 20, to: 80 },
        { name: 'flood', from: 80, to: 130 },
        { name: 'deploy', from: 130, to: 150 },
        { name: 'database', from: 150, to: 170 },
        { name: 'database recovers', from: 170, to: 200 },
        { name: 'storage', from: 200, to: 210 },
        { name: 'storage recovers', from: 210, to: 240 },
        { name: 'drain', from: 240, to: 360 },
      ],
    }),
    promises: [],
  };
}

import { resolveConfig } from '../../lib/config/resolve.ts';
import { scenarioOf } from '../../simulator/config-scenario.ts';
import type { Distributions } from '../../simulator/distributions.ts';
import { exponential, streamOf } from '../../simulator/random.ts';
import type { Scenario } from '../../simulator/scenario.ts';
import { type Simulation, simulate } from '../../simulator/simulate.ts';
import { config as shipped } from '../../sluice.config.ts';
import type { Compared, DesignRun, Phase, PromiseRow, Replay, Sample, Simulated } from './result.ts';
import { waitsInBatch } from './sluice/calibrate.ts';

/*
 * The simulator repeats the run of Sluice: its arrivals, faults and deploy, with the times that it measured while it was
 * calibrated. Nothing is taken from what is compared.
 */

/** What the run of `sluice/` does (scenario.ts, producers.ts, work-waits.ts). */
const othersPerSecond = 50 / 60 / 10;
const direct = { loud: 0.05, others: 0.5 };
const poison = 0.01;
const duplicates = 0.05;
const disobedientClients = 10;
/** Of a picture of 640 × 480 with six variants, in ordinary photographs (lambda/policy/admission/work.ts). */
const work = 0.76;
/** As the run was sampled. */
const sampleSeconds = 0.05;

/** @returns undefined if the result does not say when producers asked */
export function validate(run: DesignRun): Simulated | undefined {
  const { samples, phases, replay } = run;
  const drain = phases.find(({ name }) => name === 'drain');
  if (replay === undefined || drain === undefined) return undefined;
  const peaks: Record<string, number> = {};
  const simulation = simulate(scenarioOfRun(run, replay), (parts) => {
    startProducers(parts, { phases, replay }, drain);
    const look = () => {
      for (const [role, open] of Object.entries(parts.database.byRole))
        peaks[role] = Math.max(peaks[role] ?? 0, open);
      parts.clock.after(sampleSeconds, look);
    };
    parts.clock.after(0, look);
    return () => parts.clock.now < drain.from;
  });
  const { ledger } = simulation;
  const seen = (of: (sample: Sample) => number) => Math.max(...samples.map(of));
  const roles = ['api', 'process'];
  return {
    connections: Object.fromEntries(
      roles.map((role) => [
        role,
        { seen: seen(({ connections }) => connections?.[role] ?? 0), simulated: peaks[role] ?? 0 },
      ]),
    ),
    drainSeconds: {
      seen: drain.to - drain.from,
      simulated: Math.max(0, (ledger.ended.at(-1)?.at ?? 0) - drain.from),
    },
    admitted: { seen: seen(({ admitted }) => admitted), simulated: ledger.admitted },
    refused: { seen: seen(({ refused }) => refused), simulated: ledger.refused },
  };
}

/** Peaks one apart count as equal: samples of 50 ms miss the shortest. */
export function simulatedPromise(simulated: Simulated | undefined, judged: boolean): PromiseRow {
  const row = {
    promise: 'the simulator repeats this run',
    must: 'connections equal; drain time, admitted, refused ± 20 %',
  };
  if (simulated === undefined)
    return { ...row, seen: 'not simulated: the arrivals were not recorded', kept: false, judged: false };
  const { connections, drainSeconds, admitted, refused } = simulated;
  const off = ({ seen, simulated: ours }: Compared) => ours / Math.max(1e-9, seen) - 1;
  const parts = Object.entries({ 'drain time': drainSeconds, admitted, refused });
  const percent = (one: Compared) => `${off(one) >= 0 ? '+' : ''}${Math.round(100 * off(one))} %`;
  return {
    ...row,
    seen: [
      ...Object.entries(connections).map(([role, one]) => `${role} ${one.simulated} of ${one.seen}`),
      ...parts.map(([name, one]) => `${name} ${percent(one)}`),
    ].join(', '),
    kept:
      Object.values(connections).every((one) => Math.abs(one.seen - one.simulated) <= 1) &&
      parts.every(([, one]) => Math.abs(off(one)) <= 0.2),
    judged,
  };
}

function scenarioOfRun(run: DesignRun, replay: Replay): Scenario {
  const { config, recovery, phases, samples } = run;
  const { maxConnections, cap, objective = 60, limits = {} } = config;
  const resolved = resolveConfig({
    ...shipped,
    database: { maxConnections },
    process: { maxConcurrency: cap },
    admission: { maxBacklogAge: objective },
  });
  const outage = recovery.find(({ name }) => name === 'database');
  const storage = recovery.find(({ name }) => name === 'storage');
  const deploy = phases.find(({ name }) => name === 'deploy');
  const base = scenarioOf(resolved, { seed: 14, times: timesOf(run, replay) });
  return {
    ...base,
    until: run.seconds + 600,
    // The runner starts no more environments than the machine has memory for.
    api: {
      ...base.api,
      environments: Math.max(1, ...samples.map(({ apiExecutions }) => apiExecutions)),
      waits: true,
    },
    // The local mapping adds a poller for each batch that it receives.
    worker: { ...base.worker, scaling: { first: cap, perSecond: cap } },
    database: {
      ...base.database,
      limits: { ...base.database.limits, ...limits },
      outages: outage === undefined ? [] : [{ from: outage.downAt, to: outage.upAt }],
      statementsAtOnce: 1e9,
    },
    storageFaults: storage === undefined ? [] : [{ from: storage.downAt, to: storage.upAt }],
    deploys: deploy === undefined ? [] : [deploy.from],
    duplicates,
    poison,
  };
}

/** As measured while the run was calibrated, when nothing was refused and nothing failed. */
function timesOf(run: DesignRun, replay: Replay): Distributions {
  const { cap, batchSize, waitMs = 0 } = run.config;
  const mean = waitMs / 1000;
  const batchSeconds = (cap * batchSize) / replay.perSecond;
  const each = Math.max(0.02, (batchSeconds - waitsInBatch * mean) / batchSize) / work;
  const asked = run.api.shed ?? run.api.quiet;
  // The tail of what clients measured is the wait for an execution, which the simulator adds by itself.
  const response = (asked?.p50 ?? 20) / 1000;
  return {
    ticket: [0.5 * response, response, 1.5 * response],
    ...{ upload: [0.02, 0.1], enqueue: [0.02, 0.06], receive: [0.01, 0.05] },
    ...{ apiStart: [0.1, 0.3], workerStart: [0.2, 0.5] },
    ...{ connect: [0.01, 0.03], claim: [0.003, 0.02], commit: [0.003, 0.02] },
    // Half of the wait is in the reads, half in the writes (sluice/work-waits.ts).
    fetch: [0.01 + 0.125 * mean, 0.03 + 0.875 * mean],
    decode: [0.5 * each, each, 1.5 * each],
    put: [0.125 * mean, 0.875 * mean],
  };
}

/** @param run with all of its samples */
export function replayOf({ samples, phases, config }: DesignRun): Replay {
  const seconds = Math.ceil(samples.at(-1)?.at ?? 0);
  const calibratedTo = phases.find(({ name }) => name === 'calibrate')?.to ?? 0;
  const bySecond = (to: number, of: (sample: Sample) => number) =>
    Array.from({ length: Math.ceil(to) }, (_, second) => {
      const last = samples.findLast(({ at }) => at <= second + 1);
      return last === undefined ? 0 : of(last);
    });
  const full = samples.filter(
    ({ at, executions }) => at >= calibratedTo / 2 && at < calibratedTo && executions >= config.cap,
  );
  const [first, last] = [full[0], full.at(-1)];
  const isKnown = first !== undefined && last !== undefined && last.ended > first.ended;
  return {
    asked: bySecond(seconds, ({ asked = 0 }) => asked),
    calibrated: sentBySecond(
      bySecond(calibratedTo, (sample) => sample.ended + sample.visible + sample.inFlight),
    ),
    perSecond: isKnown ? (last.ended - first.ended) / (last.at - first.at) : config.drainPerSecond,
  };
}

/** What has ended or is in the queue was sent. Gauges of the queue lag: the greatest until then counts. */
function sentBySecond(known: readonly number[]): number[] {
  let most = 0;
  return known.map((count) => {
    most = Math.max(most, count);
    return most;
  });
}

function startProducers(
  parts: Simulation,
  { phases, replay }: { phases: readonly Phase[]; replay: Replay },
  drain: Phase,
): void {
  const { clock, producers } = parts;
  const random = streamOf(14, 'validate');
  const send = (tenant: string, impatient?: number, admitted: () => void = () => {}) =>
    producers.ask({ tenant, keyed: true, work, impatient }, (askedAt, after) => {
      const isDirect = impatient === undefined && random() < (tenant === 't0' ? direct.loud : direct.others);
      const obedient = impatient === undefined;
      const upload = parts.pipeline.admit({ tenant, work, askedAt, obedient, direct: isDirect });
      clock.after(after + (isDirect ? 0 : 0.02 + 0.08 * random()), upload);
      admitted();
    });
  // The images of the calibration. From their ends admission learns the drain, as often as requests ask for it.
  const sendBody = (tenant: string, number: number) => {
    const digest = () => `body${String(number).padStart(4)}`;
    const answer = parts.api.request({ tenant, work, digest, keyed: true, bulk: false, weight: 1 });
    if (!answer.admitted)
      return clock.after(answer.after + answer.retryAfter, () => sendBody(tenant, number));
    const upload = parts.pipeline.admit({ tenant, work, askedAt: clock.now, obedient: true, direct: true });
    clock.after(answer.after, upload);
  };
  for (const [second, sent] of replay.calibrated.entries())
    for (let n = replay.calibrated[second - 1] ?? 0; n < sent; n += 1)
      clock.after(second + random(), () => sendBody(`t${n % 10}`, n));
  // Those asked in one second come at random times in it.
  for (const [second, asked] of replay.asked.entries()) {
    const already = replay.asked[second - 1] ?? 0;
    const others = Math.min(1, (9 * othersPerSecond) / Math.max(1, asked - already));
    for (let n = already; n < asked; n += 1) {
      const tenant = random() < others ? `t${1 + Math.floor(9 * random())}` : 't0';
      clock.after(second + random(), () => send(tenant));
    }
  }
  const shed = phases.find(({ name }) => name === 'shed') ?? drain;
  const disobey = () => {
    if (clock.now < drain.from) send('t0', 1, () => clock.after(1, disobey));
  };
  for (let client = 0; client < disobedientClients; client += 1)
    clock.after(shed.from + exponential(0.1, random), disobey);
  clock.after(drain.from, () => producers.stop());
}

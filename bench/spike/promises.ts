import type { CpuByPart, DesignRun, PromiseRow, SpikeResult } from './result.ts';
import { steadyPhases } from './sluice/scenario.ts';
import { othersName } from './sluice/truth.ts';
import { peakConnections } from './sluice/watch.ts';

/** Of the promises; docs/pushing-back.md explains them. */
export const bounds = {
  othersFactor: 2,
  apiFactor: 5,
  letIn: 0.9,
  toldError: 0.2,
  herd: 1.5,
  firstSuccessSeconds: 5,
  fullSpeedSeconds: 10,
  functionsMs: 18,
  runnerMs: 18,
  imagesPerSecond: 25,
  /**
   * Of the samples while the database was up: half a second of each minute. A batch holds its connections for less, but there
   * are hundreds of batches. An outage that ends between two samples costs one or two.
   */
  unread: 0.01,
};

type Judged = Pick<SpikeResult, 'quick'> & Partial<Pick<SpikeResult, 'plain' | 'sluice' | 'cpu'>>;

/**
 * Judges a run. A quick run judges only what does not depend on the speed of the machine; the other rows are shown with
 * `judged: false`. Pure: the same result gives the same rows.
 */
export function judge({ quick, plain, sluice, cpu }: Judged): PromiseRow[] {
  const runs = [sluice, plain].filter((run) => run !== undefined);
  return [
    ...(runs.length === 0 ? [] : [readRow(runs)]),
    ...(sluice === undefined ? [] : [...alwaysJudged(sluice), ...ofSpeed(sluice, !quick)]),
    ...(cpu === undefined ? [] : cpuRows(cpu, !quick)),
    ...(plain === undefined || sluice === undefined ? [] : [besidePlain(plain, sluice, quick)]),
  ];
}

/** Whether the run keeps all promises that it judges. */
export function isKept(rows: readonly PromiseRow[]): boolean {
  return rows.length > 0 && rows.every(({ kept, judged }) => kept || !judged);
}

/** What was not read cannot have broken a promise, and shows nothing of the plain design either. */
function readRow(runs: readonly DesignRun[]): PromiseRow {
  return {
    promise: 'samples of connections that were read',
    must: `≥ ${100 * (1 - bounds.unread)} % while the database is up`,
    seen: runs
      .map(({ design, sampled: { whileUp, unread } }) => `${design} ${whileUp - unread} of ${whileUp}`)
      .join(', '),
    kept: runs.every(({ sampled: { whileUp, unread } }) => whileUp > 0 && unread <= bounds.unread * whileUp),
    judged: true,
  };
}

function alwaysJudged(run: DesignRun): PromiseRow[] {
  const { config, outcome, samples } = run;
  const { together, byRole } = peakConnections(samples);
  const over = Object.entries(config.limits ?? {}).filter(([role, limit]) => (byRole[role] ?? 0) > limit);
  const executions = Math.max(0, ...samples.map((sample) => sample.executions));
  const generations = Math.max(0, ...samples.map((sample) => sample.generations));
  const roles = Object.entries(byRole).map(([role, count]) => `${role} ${count}`);
  return [
    {
      promise: 'connections at each sample',
      must: `≤ ${config.budget}, each role within its limit`,
      seen: `at most ${together} (${roles.join(', ')}) in ${samplesOf(run)}`,
      kept: samples.length > 0 && together <= config.budget && over.length === 0,
      judged: true,
    },
    {
      promise: 'connections refused with 53300',
      must: '0 in steady state, deploy included',
      seen: `${outcome.refusedInSteadyState}, and ${outcome.refusedConnections - outcome.refusedInSteadyState} around the restart`,
      kept: outcome.refusedInSteadyState === 0,
      judged: true,
    },
    {
      promise: 'executions at each sample',
      must: `≤ ${config.cap}, and the cap is reached`,
      seen: `at most ${executions}`,
      kept: executions === config.cap,
      judged: true,
    },
    {
      promise: 'a deploy in the middle',
      must: 'two generations alive',
      seen: `${generations}`,
      kept: generations >= 2,
      judged: true,
    },
    {
      promise: 'lost / doubled effects / dead-lettered untried',
      must: '0 / 0 / 0',
      seen: `${outcome.lost} / ${outcome.doubled} / ${outcome.untriedDead} of ${outcome.images}`,
      kept: outcome.images > 0 && outcome.lost + outcome.doubled + outcome.untriedDead === 0,
      judged: true,
    },
    {
      promise: 'sound images that were rejected or failed',
      must: '0',
      seen: `${(outcome.soundRejected ?? 0) + outcome.failed}`,
      kept: (outcome.soundRejected ?? 0) + outcome.failed === 0,
      judged: true,
    },
    {
      promise: 'requests and uploads that ended in an error',
      must: '0',
      seen: outcome.endedBy === undefined ? 'nothing' : counted(outcome.endedBy),
      kept: outcome.endedBy !== undefined && Object.keys(outcome.endedBy).length === 0,
      judged: true,
    },
    {
      promise: 'variants in the bucket as recorded',
      must: 'all of a sample',
      seen: `${outcome.verified - outcome.differing} of ${outcome.verified} images`,
      kept: outcome.verified > 0 && outcome.differing === 0,
      judged: true,
    },
  ];
}

function samplesOf({ sampled }: DesignRun): string {
  return `${sampled.count} samples, ${sampled.largestGapMs} ms apart at most`;
}

function ofSpeed(run: DesignRun, judged: boolean): PromiseRow[] {
  const { told, recovery, outcome, config } = run;
  const oldest = outcome.oldestSeconds ?? Number.POSITIVE_INFINITY;
  const withoutFaults = outcome.oldestWithoutFaults ?? oldest;
  const { objective = 0 } = config;
  const quiet = run.latency.quiet?.[othersName]?.p95 ?? 0;
  const steady = run.phases
    .filter(({ name }) => steadyPhases.includes(name))
    .map(({ name }) => run.latency[name]?.[othersName]);
  const isMeasured = steady.every((one) => one !== undefined && one.count > 0);
  const others = worst(
    steady.filter((one) => one !== undefined),
    ({ p95 }) => p95,
  );
  const idle = run.api.quiet?.p99 ?? 0;
  const shedding = run.api.shed?.p99 ?? Number.POSITIVE_INFINITY;
  const unanswered = run.unanswered?.shed ?? Number.NaN;
  // Slower than any other: more than one in a hundred is beyond the p99.
  const isAnswered = unanswered <= 0.01 * ((run.api.shed?.count ?? 0) + unanswered);
  const error = Math.abs((told?.againstNeeded ?? 0) - 1);
  const database = recovery.find(({ name }) => name === 'database');
  const herd = worst(recovery, ({ herdPerDrain }) => herdPerDrain);
  const within = (seconds: number | undefined, most: number) => seconds !== undefined && seconds <= most;
  const shown = (seconds: number | undefined) =>
    seconds === undefined ? 'never' : `${seconds.toFixed(1)} s`;
  return [
    {
      promise: 'age of the oldest admitted work',
      must: `≤ ${objective} s, without the time in which database or storage is away`,
      seen: `${withoutFaults.toFixed(1)} s (with it ${oldest.toFixed(1)} s)`,
      kept: withoutFaults <= objective,
      judged,
    },
    {
      promise: 'obedient clients let in at their first return',
      must: `≥ ${100 * bounds.letIn} %, and no refusal without Retry-After`,
      seen:
        told === undefined
          ? 'nothing'
          : `${percent(told.letInAtFirstReturn)} of ${told.returns}; with those into a fault ${percent(told.letInWithFaults ?? 0)} of ${told.returnsWithFaults}; ${told.withoutRetryAfter} without`,
      kept:
        told !== undefined &&
        told.returns > 0 &&
        told.letInAtFirstReturn >= bounds.letIn &&
        told.withoutRetryAfter === 0,
      judged,
    },
    {
      promise: 'other tenants’ p95 beside the loud one',
      must: `≤ ${bounds.othersFactor} × quiet`,
      seen: `${others.toFixed(1)} s, quiet ${quiet.toFixed(1)} s: ${(others / quiet).toFixed(1)} ×`,
      kept: isMeasured && quiet > 0 && others > 0 && others <= bounds.othersFactor * quiet,
      judged,
    },
    {
      promise: 'API p99 while shedding',
      must: `≤ ${bounds.apiFactor} × idle`,
      seen: `${shedding} ms, idle ${idle} ms: ${(shedding / idle).toFixed(1)} ×; ${unanswered} without a response`,
      kept: isAnswered && idle > 0 && shedding <= bounds.apiFactor * idle,
      judged,
    },
    {
      promise: 'told against needed',
      must: `within ${100 * bounds.toldError} % (median)`,
      seen: told === undefined ? 'nothing' : `${told.againstNeeded.toFixed(2)} of ${told.compared}`,
      kept: told !== undefined && told.compared > 0 && error <= bounds.toldError,
      judged,
    },
    {
      promise: 'herd: returns a second after a recovery',
      must: `≤ ${bounds.herd} × the drain, while it makes 20 images`,
      seen: recovery
        .map(
          ({ name, herd, herdPerDrain, herdWindow, drainBefore }) =>
            `${name} ${herdPerDrain.toFixed(1)} × in ${herdWindow} s (in one ${herd}, drain ${drainBefore.toFixed(1)}/s)`,
        )
        .join(', '),
      // Without returns, or a drain to compare them with, nothing was measured.
      kept:
        recovery.length > 0 && recovery.every(({ herdPerDrain }) => herdPerDrain > 0) && herd <= bounds.herd,
      judged,
    },
    {
      promise: 'first success after the database is back',
      must: `≤ ${bounds.firstSuccessSeconds} s`,
      seen: shown(database?.firstSuccess),
      kept: within(database?.firstSuccess, bounds.firstSuccessSeconds),
      judged,
    },
    {
      promise: 'drain at full speed after the database is back',
      must: `≤ ${bounds.fullSpeedSeconds} s`,
      seen: shown(database?.fullSpeed),
      kept: within(database?.fullSpeed, bounds.fullSpeedSeconds),
      judged,
    },
  ];
}

function cpuRows({ image, msPerImage, imagesPerSecond }: CpuByPart, judged: boolean): PromiseRow[] {
  const { functions, runner, fauxqs } = msPerImage;
  return [
    {
      promise: `CPU of the functions for one ${image}`,
      must: `≤ ${bounds.functionsMs} ms`,
      seen: `${functions.toFixed(1)} ms`,
      // Without /proc all of them are 0.
      kept: functions > 0 && functions <= bounds.functionsMs,
      judged,
    },
    {
      promise: 'CPU of runner and fauxqs',
      must: `≤ ${bounds.runnerMs} ms`,
      seen: `${(runner + fauxqs).toFixed(1)} ms (${runner.toFixed(1)} + ${fauxqs.toFixed(1)})`,
      kept: runner > 0 && fauxqs > 0 && runner + fauxqs <= bounds.runnerMs,
      judged,
    },
    {
      promise: 'images a second on this machine',
      must: `≥ ${bounds.imagesPerSecond}`,
      seen: imagesPerSecond.toFixed(1),
      kept: imagesPerSecond >= bounds.imagesPerSecond,
      judged,
    },
  ];
}

/** Plain refuses connections, and loses or delays; Sluice does neither. */
function besidePlain(plain: DesignRun, sluice: DesignRun, quick: boolean): PromiseRow {
  const lost = ({ outcome }: DesignRun) => outcome.lost + outcome.untriedDead;
  // How late the work of a quick run is depends on the speed of the machine.
  const harm = quick ? lost(sluice) : lost(sluice) + sluice.outcome.late;
  const shown = (run: DesignRun) =>
    `${run.outcome.refusedConnections} refused, ${run.outcome.lost} lost, ${run.outcome.late} late, ${run.outcome.untriedDead} dead-lettered untried`;
  return {
    promise: 'plain beside Sluice',
    must: 'plain refuses connections, and loses or delays; Sluice does neither',
    seen: `plain: ${shown(plain)}; Sluice: ${shown(sluice)}`,
    kept:
      plain.outcome.refusedConnections > 0 &&
      lost(plain) + plain.outcome.late > 0 &&
      sluice.outcome.refusedInSteadyState === 0 &&
      harm === 0,
    judged: true,
  };
}

function worst<T>(all: readonly T[], of: (one: T) => number): number {
  return Math.max(0, ...all.map(of));
}

function counted(counts: Record<string, number>): string {
  const all = Object.entries(counts).map(([name, count]) => `${name} ${count}`);
  return all.join(', ') || '0';
}

function percent(part: number): string {
  return `${(100 * part).toFixed(1)} %`;
}

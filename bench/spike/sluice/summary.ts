import { addLate, lateAt } from '../late.ts';
import type { DesignRun, Phase, Sample } from '../result.ts';
import { rounded } from '../rounded.ts';
import { sampledOf } from '../sampled.ts';
import type { Change } from './audit.ts';
import type { Calibration } from './calibrate.ts';
import type { Order } from './orders.ts';
import { recoveryOf } from './recovery.ts';
import type { Scenario } from './scenario.ts';
import { loud, type Stage } from './stage.ts';
import { returnsOf, summariseTold, toldOf } from './told.ts';
import { apiTimes, endsOf, latencies, outcomeOf, unanswered } from './truth.ts';
import type { Verified } from './verify.ts';

/** Milliseconds since the epoch. */
export interface Fault {
  name: 'database' | 'storage';
  from: number;
  to: number;
}

/** Everything that a run has seen. */
export interface Recorded {
  scenario: Scenario;
  stage: Pick<Stage, 'config' | 'limits' | 'budget'>;
  phases: Phase[];
  faults: Fault[];
  orders: Order[];
  changes: readonly Change[];
  samples: Sample[];
  receives: Record<number, number>;
  verified: Verified;
  calibrated: Calibration;
  /** Milliseconds since the epoch at the start, and at the end. */
  epoch: number;
  endedAt: number;
  floodMeant: number;
}

/** Phases in which the work queue is full and nothing fails. */
const fullPhases = ['flood', 'deploy'];
const floodPhases = ['flood', 'deploy', 'database recovers', 'storage', 'storage recovers'];

export function summarise(recorded: Recorded): DesignRun {
  const { scenario, stage, phases, faults, orders, changes, samples, epoch, endedAt, verified } = recorded;
  const { calibrated } = recorded;
  const found = endsOf(changes);
  const ready = [...found.values()]
    .filter(({ status }) => status === 'ready')
    .map(({ at }) => (at - epoch) / 1000)
    .sort((a, b) => a - b);
  const returns = returnsOf(orders).map((at) => (at - epoch) / 1000);
  const outcome = outcomeOf(orders, found, { objective: scenario.objective, away: faults, endedAt });
  const rate = (names: readonly string[], of: (sample: Sample) => number) =>
    rateIn(
      samples,
      phases.filter(({ name }) => names.includes(name)),
      of,
    );
  const last = samples.at(-1);
  const since = (at: number) => (at - epoch) / 1000;
  const away = faults.map(({ name, from, to }) => ({ name, from: since(from), to: since(to) }));
  const late = orders.flatMap(({ id, uploadedAt }) => {
    if (id === undefined || uploadedAt === undefined) return [];
    const end = found.get(id);
    const span = { from: since(uploadedAt), to: end && since(end.at) };
    return lateAt(span, scenario.objective, away) ?? [];
  });
  return {
    design: 'sluice',
    seconds: rounded((endedAt - epoch) / 1000),
    config: {
      maxConnections: scenario.maxConnections,
      budget: stage.budget,
      limits: stage.limits,
      cap: scenario.cap,
      batchSize: stage.config.process.batchSize,
      objective: scenario.objective,
      tenants: scenario.tenants,
      loud,
      drainPerSecond: rounded(rate(fullPhases, ({ ended }) => ended)),
      floodMeant: rounded(recorded.floodMeant),
      floodReached: rounded(rate(floodPhases, ({ offered }) => offered)),
      cpuMsPerImage: rounded(calibrated.cpuMsPerImage),
      waitMs: Math.round(calibrated.waitMs),
      maxReceiveCount: stage.config.process.maxReceiveCount,
    },
    phases,
    samples: addLate(samples, late),
    sampled: sampledOf(
      samples,
      away.filter(({ name }) => name === 'database'),
    ),
    outcome: {
      ...outcome,
      doubled: outcome.doubled + verified.variantsAgain,
      untriedDead: verified.untriedDead,
      receivesBurned: Object.entries(recorded.receives)
        .filter(([receive]) => Number(receive) > 1)
        .reduce((sum, [, count]) => sum + count, 0),
      refusedConnections: last?.refusedConnections ?? 0,
      refusedInSteadyState: refusedOutside(samples, faults, epoch),
      verified: verified.verified,
      differing: verified.differing,
    },
    latency: latencies(orders, found, { phases, startedAt: epoch, loud, away: faults, endedAt }),
    api: apiTimes(orders, phases, epoch),
    unanswered: unanswered(orders, phases, epoch),
    told: summariseTold(toldOf(orders, epoch, faults), orders),
    recovery: faults.map(({ name, from, to }) =>
      recoveryOf(
        { name, downAt: rounded((from - epoch) / 1000), upAt: rounded((to - epoch) / 1000) },
        ready,
        returns,
      ),
    ),
  };
}

/** Of a count, by second, over these phases. */
function rateIn(
  samples: readonly Sample[],
  phases: readonly Phase[],
  of: (sample: Sample) => number,
): number {
  let count = 0;
  let seconds = 0;
  for (const { from, to } of phases) {
    const own = samples.filter(({ at }) => at >= from && at < to);
    const [first, last] = [own[0], own.at(-1)];
    if (first === undefined || last === undefined) continue;
    count += of(last) - of(first);
    seconds += last.at - first.at;
  }
  return seconds > 0 ? count / seconds : 0;
}

/** A restarted server refuses nobody with 53300 either; but what is promised is the rest of the time. */
function refusedOutside(samples: readonly Sample[], faults: readonly Fault[], epoch: number): number {
  let refused = 0;
  for (const [index, sample] of samples.entries()) {
    const more = sample.refusedConnections - (samples[index - 1]?.refusedConnections ?? 0);
    const at = sample.at * 1000 + epoch;
    const isFault = faults.some(
      ({ name, from, to }) => name === 'database' && at >= from && at <= to + 1_000,
    );
    if (more > 0 && !isFault) refused += more;
  }
  return refused;
}

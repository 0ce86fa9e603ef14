import { workOf } from '../lambda/policy/admission/work.ts';
import type { ResolvedConfig } from '../lib/config/schema.ts';
import { openArrivals } from './arrivals.ts';
import { scenarioOf } from './config-scenario.ts';
import { type Distributions, valueAt } from './distributions.ts';
import type { Gauge } from './gauges.ts';
import { median, type Quantiles, quantilesOf } from './quantiles.ts';
import { streamOf } from './random.ts';
import { isTurn } from './refusal.ts';
import type { Scenario } from './scenario.ts';
import { type Simulation, simulate } from './simulate.ts';

/** Images that producers offer in a campaign. */
export interface Campaign {
  /** Requests a second, returns not counted. */
  ratePerSecond: number;
  /** How long they are offered. */
  seconds: number;
  /** Default 10. */
  tenants?: number;
  /** Share of the first tenant, from 0 to 1; the others share the rest equally. Default: an equal share. */
  loudShare?: number;
  /** Default 1. */
  seed?: number;
  /** Size of each image. Default: an ordinary photograph. */
  bytes?: number;
  /** Share of the producers that obey Retry-After; the others return after a second. Default 1. */
  obedient?: number;
}

/** All times in seconds. */
export interface CampaignResult {
  /** From the first request until the last admitted image has ended. */
  drainSeconds: number;
  peakConnections: number;
  /** Of the worker. */
  peakExecutions: number;
  /** First requests, without returns. */
  offered: number;
  admitted: number;
  /** Requests that were refused when they first asked. */
  refusedFirst: number;
  /** Requests that were never admitted. */
  givenUp: number;
  ready: number;
  deadLettered: number;
  /** Retry-After of the first refusal. */
  told: Quantiles;
  /** From the first request to the end of the image, obedient producers only. */
  waited: Quantiles;
  /** From the upload to the end of the image, which `admission.maxBacklogAge` bounds. */
  oldest: Quantiles;
  /** While any worker makes only the cheapest variants. */
  brownOutSeconds: number;
  /** Median of what obedient producers were told over what they needed. Only turns: other responses have a fixed time. */
  toldAgainstNeeded: number;
  /** Share of obedient producers that were told a turn and admitted at their first return. */
  letInAtFirstReturn: number;
  timeline: Moment[];
}
export interface Moment {
  at: number;
  /** Messages in the queue, in flight or not. */
  depth: number;
  executions: number;
  connections: number;
  // Since the last moment.
  admitted: number;
  refused: number;
  returns: number;
}

/** An ordinary photograph (lambda/policy/admission/work.ts). */
const ordinaryBytes = 3_000_000;
/** Producers that do not obey return after so long, and give up after a while. */
const impatientSeconds = 1;
const patienceSeconds = 600;
/** Points of the timeline, about. */
const mostMoments = 600;

/**
 * What a campaign would do to a pipeline of this configuration.
 * @param measured times of the parts. Default: those of this machine, and what Lambda is assumed to add.
 */
export function simulateCampaign(
  config: ResolvedConfig,
  campaign: Campaign,
  measured?: Distributions,
  change: Partial<Scenario> = {},
): CampaignResult {
  const { seed = 1, bytes = ordinaryBytes, obedient = 1 } = campaign;
  const scenario = { ...scenarioOf(config, { seed, times: measured }), ...change };
  const work = workOf(bytes, Object.values(config.presets));
  const simulation = simulate(scenario, ({ clock, producers, pipeline }) => {
    const random = streamOf(seed, 'campaign');
    return openArrivals(clock, campaign, random, (tenant) => {
      const isObedient = random() < obedient;
      const impatience = isObedient ? {} : { impatient: impatientSeconds, patience: patienceSeconds };
      producers.ask({ tenant, keyed: true, work, ...impatience }, (askedAt, after) => {
        const upload = pipeline.admit({ tenant, work, askedAt, obedient: isObedient, direct: false });
        clock.after(after + valueAt(scenario.times.upload, random()), upload);
      });
    });
  });
  return resultOf(simulation);
}

function resultOf({ ledger, database, mapping, queue, gauges }: Simulation): CampaignResult {
  const obedient = ledger.told.filter((one) => one.obedient && isTurn(one.code));
  const returned = obedient.filter(({ letIn }) => letIn !== undefined);
  const ratios = obedient.flatMap(({ seconds, needed }) =>
    needed === undefined || needed <= 0 ? [] : [seconds / needed],
  );
  const { admitted, offered, ended } = ledger;
  return {
    drainSeconds: ended.at(-1)?.at ?? 0,
    peakConnections: database.peakOfAll,
    peakExecutions: mapping.peak,
    offered,
    admitted,
    refusedFirst: ledger.told.length,
    givenUp: offered - admitted,
    ready: ledger.ends.ready,
    deadLettered: queue.dead.length,
    told: quantilesOf(ledger.told.map(({ seconds }) => seconds)),
    waited: quantilesOf(ended.filter((one) => one.obedient).map(({ at, askedAt }) => at - askedAt)),
    oldest: quantilesOf(ended.map(({ at, uploadedAt }) => at - uploadedAt)),
    brownOutSeconds: gauges.filter(({ brownOut }) => brownOut).length,
    toldAgainstNeeded: ratios.length === 0 ? 1 : median(ratios),
    letInAtFirstReturn:
      returned.length === 0 ? 1 : returned.filter(({ letIn }) => letIn).length / returned.length,
    timeline: timelineOf(gauges),
  };
}

function timelineOf(gauges: readonly Gauge[]): Moment[] {
  const step = Math.max(1, Math.ceil(gauges.length / mostMoments));
  const moments: Moment[] = [];
  let last = { admitted: 0, refused: 0, returns: 0 };
  for (let from = 0; from < gauges.length; from += step) {
    const some = gauges.slice(from, from + step);
    const { at, visible, inFlight, admitted, refused, returns } = some.at(-1) as Gauge;
    moments.push({
      at,
      depth: visible + inFlight,
      executions: Math.max(...some.map(({ executions }) => executions)),
      connections: Math.max(...some.map(({ connections }) => connections)),
      admitted: admitted - last.admitted,
      refused: refused - last.refused,
      returns: returns - last.returns,
    });
    last = { admitted, refused, returns };
  }
  return moments;
}

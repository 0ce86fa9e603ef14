import { parseArgs } from 'node:util';
import type { Offer } from '../../lib/plan/campaign.ts';
import { readCdkArguments } from '../stage/arguments.ts';
import { rateOf, secondsOf } from './amounts.ts';

export interface PlanOptions {
  stage: string;
  json: boolean;
  offer?: Offer;
  /** A file for the chart. */
  chart?: string;
  /** Seconds of a processor that the simulator may take; 0 leaves it out. */
  simulationSeconds: number;
}

/** What a person waits for a plan. */
const usualSimulation = '60s';
const mostTenants = 10_000;

/** @throws TypeError, ArgumentMistake */
export function planOptions(args: readonly string[]): PlanOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      context: { type: 'string', short: 'c' },
      json: { type: 'boolean', default: false },
      rate: { type: 'string' },
      for: { type: 'string' },
      tenants: { type: 'string' },
      chart: { type: 'string' },
      simulate: { type: 'string' },
    },
  });
  const { stage } = readCdkArguments(args);
  if (values.context?.startsWith('stage=') === false)
    throw new TypeError('-c takes stage=<name>, such as -c stage=prod.');
  const { json, rate, chart } = values;
  const ofCampaign = ['for', 'tenants', 'chart', 'simulate'] as const;
  const alone = ofCampaign.find((name) => values[name] !== undefined);
  if (rate === undefined && alone !== undefined)
    throw new TypeError(`--${alone} belongs to a campaign: add --rate, such as --rate 50000/min.`);
  const simulationSeconds = secondsOfSimulation(values.simulate);
  if (rate === undefined) return { stage, json, simulationSeconds };
  if (chart === '') throw new TypeError('--chart takes a file, such as --chart campaign.svg.');
  const offer = offerOf(rate, values.for, values.tenants);
  return { stage, json, offer, simulationSeconds, ...(chart === undefined ? {} : { chart }) };
}

function offerOf(rate: string, duration: string | undefined, tenants = '10'): Offer {
  const ratePerSecond = rateOf(rate);
  if (ratePerSecond === undefined || ratePerSecond <= 0)
    throw new TypeError('--rate takes images in a time, such as --rate 50000/min, 800/s or 3M/day.');
  if (duration === undefined) throw new TypeError('--rate needs the length of the campaign: --for 10m.');
  const seconds = secondsOf(duration);
  if (seconds === undefined)
    throw new TypeError('--for takes a duration, such as --for 10m, "90 seconds", 2h or 1d.');
  const count = /^\d{1,9}$/.test(tenants) ? Number(tenants) : 0;
  if (count < 1 || count > mostTenants)
    throw new TypeError(`--tenants takes a number from 1 to ${mostTenants}, such as --tenants 10.`);
  if (Math.round(ratePerSecond * seconds) < 1)
    throw new TypeError('--rate and --for make less than one image. Raise one of them.');
  return { ratePerSecond, seconds, tenants: count };
}

function secondsOfSimulation(written = usualSimulation): number {
  const seconds = written === '0' ? 0 : secondsOf(written);
  if (seconds === undefined)
    throw new TypeError(
      '--simulate takes the processor time that the simulation may take, such as 5m, or 0 for none.',
    );
  return seconds;
}

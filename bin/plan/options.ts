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
  /** Whether to run the simulator too. */
  simulate: boolean;
}

/** Images of a campaign that are few enough to be simulated one by one. */
export const mostSimulated = 2_000_000;
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
      'no-simulation': { type: 'boolean', default: false },
    },
  });
  const { stage } = readCdkArguments(args);
  if (values.context?.startsWith('stage=') === false)
    throw new TypeError('-c takes stage=<name>, such as -c stage=prod.');
  const { json, rate, chart } = values;
  const ofCampaign = ['for', 'tenants', 'chart', 'no-simulation'] as const;
  const alone = ofCampaign.find((name) => values[name] !== undefined && values[name] !== false);
  if (rate === undefined && alone !== undefined)
    throw new TypeError(`--${alone} belongs to a campaign: add --rate, such as --rate 50000/min.`);
  const simulate = !values['no-simulation'];
  if (rate === undefined) return { stage, json, simulate };
  const offer = offerOf(rate, values.for, values.tenants);
  return { stage, json, offer, simulate, ...(chart === undefined ? {} : { chart }) };
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

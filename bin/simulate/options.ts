import { parseArgs } from 'node:util';
import { resolveConfig } from '../../lib/config/resolve.ts';
import type { ResolvedConfig, SluiceConfig } from '../../lib/config/schema.ts';
import type { Campaign } from '../../simulator/campaign.ts';
import { rateOf, secondsOf } from '../plan/amounts.ts';

export interface SimulateOptions {
  source: SluiceConfig;
  config: ResolvedConfig;
  campaign: Campaign;
  sensitivity: boolean;
  json: boolean;
}

/** Connections beside those of the workers: 40 of the API, 15 of the other functions, 13 that are kept free. */
const otherConnections = 68;
/** Has the memory for more connections than the longest mapping has workers. */
const largeInstance = 'm8g.4xlarge';

/**
 * Options of the command. More workers than the database has connections for get a larger database.
 * @throws TypeError for a wrong option, ConfigMistakes
 */
export function simulateOptions(args: readonly string[], written: SluiceConfig): SimulateOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rate: { type: 'string', default: '50000/min' },
      for: { type: 'string', default: '1m' },
      tenants: { type: 'string', default: '10' },
      loud: { type: 'string' },
      workers: { type: 'string' },
      seed: { type: 'string', default: '1' },
      sensitivity: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const ratePerSecond = rateOf(values.rate);
  if (ratePerSecond === undefined || ratePerSecond <= 0)
    throw new TypeError('--rate takes images in a time, such as --rate 50000/min, 800/s or 3M/day.');
  const seconds = secondsOf(values.for);
  if (seconds === undefined)
    throw new TypeError('--for takes a duration, such as --for 10m, "90 seconds", 2h or 1d.');
  const whole = (name: string, text: string, most: number) => {
    const number = /^\d{1,9}$/.test(text) ? Number(text) : 0;
    if (number < 1 || number > most) throw new TypeError(`--${name} takes a number from 1 to ${most}.`);
    return number;
  };
  const loudShare = values.loud === undefined ? undefined : Number(values.loud);
  if (loudShare !== undefined && !(loudShare >= 0 && loudShare <= 1))
    throw new TypeError('--loud takes the first tenant’s share of the requests, such as --loud 0.9.');
  const campaign = {
    ratePerSecond,
    seconds,
    tenants: whole('tenants', values.tenants, 100_000),
    seed: whole('seed', values.seed, 999_999_999),
    ...(loudShare === undefined ? {} : { loudShare }),
  };
  const { workers: given, sensitivity, json } = values;
  const source = given === undefined ? written : withWorkers(written, whole('workers', given, 1_000));
  return { source, config: resolveConfig(source), campaign, sensitivity, json };
}

function withWorkers(written: SluiceConfig, maxConcurrency: number): SluiceConfig {
  const has = resolveConfig(written).database.maxConnections;
  const process = { ...written.process, maxConcurrency };
  const needs = maxConcurrency + otherConnections;
  if (needs <= has) return { ...written, process };
  const database = { ...written.database, maxConnections: needs, instance: largeInstance };
  return { ...written, process, database };
}

import { backOff } from '../lambda/domain/patience.ts';
import { resolveConfig } from '../lib/config/resolve.ts';
import type { ResolvedConfig, SluiceConfig } from '../lib/config/schema.ts';
import { type Campaign, type CampaignResult, simulateCampaign } from './campaign.ts';
import { scenarioOf } from './config-scenario.ts';
import type { Scenario } from './scenario.ts';

/** What is simulated: a configuration, and what no configuration sets. */
interface Variant {
  config: ResolvedConfig;
  change: (scenario: Scenario) => Partial<Scenario>;
}

/** One setting, by a factor. */
interface Knob {
  name: string;
  /** The value that is used. */
  value: (variant: Variant) => number;
  vary: (base: Variant, factor: number, source: SluiceConfig) => Variant;
}

/** Of threshold.ts. */
const usualReach = 4;
const none: Variant['change'] = () => ({});

const process = ({ config, change }: Variant, part: Partial<ResolvedConfig['process']>): Variant => ({
  change,
  config: { ...config, process: { ...config.process, ...part } },
});
const whole = (value: number) => Math.max(1, Math.round(value));

export const knobs: readonly Knob[] = [
  {
    name: 'process.maxConcurrency',
    value: ({ config }) => config.process.maxConcurrency,
    vary: (base, factor) =>
      process(base, { maxConcurrency: whole(factor * base.config.process.maxConcurrency) }),
  },
  {
    name: 'process.batchSize',
    value: ({ config }) => config.process.batchSize,
    vary: (base, factor) =>
      process(base, { batchSize: Math.min(10, whole(factor * base.config.process.batchSize)) }),
  },
  {
    name: 'admission.maxBacklogAge (s)',
    value: ({ config }) => config.admission.maxBacklogAge,
    vary: ({ config, change }, factor) => ({
      change,
      config: {
        ...config,
        admission: { ...config.admission, maxBacklogAge: factor * config.admission.maxBacklogAge },
      },
    }),
  },
  {
    name: 'database.maxConnections, and what is solved from it',
    value: ({ config }) => config.database.maxConnections,
    vary: ({ config, change }, factor, source) => ({
      change,
      config: resolveConfig({
        ...source,
        database: {
          ...source.database,
          maxConnections: whole(factor * config.database.maxConnections),
          // With the memory for them.
          instance: 'm8g.4xlarge',
        },
      }),
    }),
  },
  {
    name: 'process.memoryMb (above one vCPU: no faster)',
    value: ({ config }) => config.process.memoryMb,
    vary: (base, factor) => process(base, { memoryMb: whole(factor * base.config.process.memoryMb) }),
  },
  scenarioKnob('seconds of a decode, × its mean', 1, (factor, { times }) => ({
    times: {
      ...times,
      decode: times.decode.map((seconds) => factor * seconds) as unknown as typeof times.decode,
    },
  })),
  scenarioKnob('reach of a tenant (× what is free)', usualReach, (factor, { admission }) => ({
    admission: { ...admission, reach: factor * usualReach },
  })),
  scenarioKnob('base of the back-off (s)', backOff.baseSeconds, (factor, { worker }) => ({
    worker: { ...worker, backOffBase: factor * backOff.baseSeconds },
  })),
];

function scenarioKnob(
  name: string,
  usual: number,
  change: (factor: number, scenario: Scenario) => Partial<Scenario>,
): Knob {
  return {
    name,
    value: () => usual,
    vary: ({ config }, factor) => ({ config, change: (scenario) => change(factor, scenario) }),
  };
}

export interface Sensitivity {
  /** Undefined for the configuration as it is. */
  knob: string | undefined;
  factor: number;
  value: number | undefined;
  /** Why it cannot be simulated. */
  refused?: string;
  result?: CampaignResult;
}

export interface SensitivityOptions {
  source: SluiceConfig;
  config: ResolvedConfig;
  campaign: Campaign;
  /** Of all simulations. */
  change: Partial<Scenario>;
  factors?: readonly number[];
}

/** The campaign with each knob at half and twice its value, one after the other. */
export function* sensitivities({
  source,
  config,
  campaign,
  change,
  factors = [0.5, 2],
}: SensitivityOptions): Generator<Sensitivity> {
  const run = (variant: Variant) => {
    const changed = variant.change(scenarioOf(variant.config));
    return simulateCampaign(variant.config, campaign, undefined, { ...change, ...changed });
  };
  const base: Variant = { config, change: none };
  yield { knob: undefined, factor: 1, value: undefined, result: run(base) };
  for (const { name: knob, value, vary } of knobs)
    for (const factor of factors) {
      try {
        const variant = vary(base, factor, source);
        const set = value(variant) === value(base) ? factor * value(base) : value(variant);
        yield { knob, factor, value: set, result: run(variant) };
      } catch (error) {
        yield { knob, factor, value: factor * value(base), refused: String((error as Error).message) };
      }
    }
}

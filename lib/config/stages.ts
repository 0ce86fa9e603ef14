import type { SluiceConfig, StageChanges } from './schema.ts';

/** The stages of this app own their account settings: API Gateway's logs need a role there. */
const everyStage: StageChanges = { deploy: { gatewayLogRole: true } };

/** Defaults by stage. The schema's own defaults are the safe ones, so a stage with another name keeps its data too. */
const defaults: Record<string, StageChanges> = {
  /** For trying things: cheap, and removed by `cdk destroy`. A 1 GB server allows 80 connections; these settings need 42. */
  dev: {
    deploy: { removal: 'destroy', logDays: 7, firewall: false, review: false },
    database: {
      instance: 't4g.micro',
      maxConnections: 80,
      backupDays: 1,
      deletionProtection: false,
      multiAz: false,
      endpointZones: 1,
    },
    api: { maxConcurrency: 5 },
    process: { maxConcurrency: 4 },
    // Its endpoint is 7.30 USD a month, a quarter of what an idle dev costs.
    events: { eventBridge: false },
  },
  prod: { deploy: { logDays: 365 } },
};

/** Settings that LocalStack 4.14 requires; see deployment.ts for the reason of each. */
const requirements: Record<string, StageChanges> = {
  localstack: {
    deploy: {
      removal: 'destroy',
      logDays: 1,
      architecture: 'host',
      migration: 'invoke',
      versions: false,
      validateBodies: false,
      responseStreaming: false,
      firewall: false,
      review: false,
    },
  },
};

/** Names of all stages of a configuration. */
export function stageNames({ stages = {} }: SluiceConfig): string[] {
  return [...new Set([...Object.keys(defaults), ...Object.keys(requirements), ...Object.keys(stages)])];
}

/**
 * Merges the configuration of one stage, field by field within each section. `stages` takes precedence over the rest
 * of the file, which takes precedence over the stage's defaults.
 */
export function atStage({ stages = {}, ...base }: SluiceConfig, stage: string): SluiceConfig {
  const layers = [defaults[stage], base, requirements[stage], stages[stage], { deploy: { stage } }];
  // The schema reports what is missing or wrong.
  return layers.reduce<StageChanges>(merged, everyStage) as SluiceConfig;
}

function merged(below: StageChanges, above: StageChanges | undefined): StageChanges {
  const whole: Record<string, unknown> = { ...below };
  for (const [section, fields] of Object.entries(above ?? {})) {
    const before = whole[section];
    whole[section] = isObject(before) && isObject(fields) ? { ...before, ...fields } : fields;
  }
  return whole;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

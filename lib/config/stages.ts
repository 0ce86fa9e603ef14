import type { SluiceConfig, StageChanges } from './schema.ts';

/** Whoever deploys an app of its own has an account for it: the API's logs need their role there. */
const everyStage: StageChanges = { deploy: { gatewayLogRole: true } };

/**
 * What the stages are where sluice.config.ts is silent. The schema's own defaults are the careful ones, so a stage of
 * another name keeps its data too.
 */
const defaults: Record<string, StageChanges> = {
  /** To try things: cheap, and gone with `cdk destroy`. A server of 1 GB holds 80 connections, and these need 30. */
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
  },
  prod: { deploy: { logDays: 365 } },
};

/** What LocalStack 4.14 cannot do otherwise, whatever is configured for AWS. Each setting says what it is for. */
const requirements: Record<string, StageChanges> = {
  localstack: {
    deploy: {
      removal: 'destroy',
      logDays: 1,
      architecture: 'host',
      migration: 'invoke',
      versions: false,
      validateBodies: false,
      firewall: false,
      review: false,
    },
  },
};

/** Names of all stages that a configuration knows. */
export function stageNames({ stages = {} }: SluiceConfig): string[] {
  return [...new Set([...Object.keys(defaults), ...Object.keys(requirements), ...Object.keys(stages)])];
}

/**
 * The configuration as it is for one stage, without its stages. Sections are merged by field: what `stages` says
 * wins over the rest of the file, which wins over the defaults of the stage.
 */
export function atStage({ stages = {}, ...base }: SluiceConfig, stage: string): SluiceConfig {
  const layers = [defaults[stage], base, requirements[stage], stages[stage], { deploy: { stage } }];
  // What is missing or wrong in it the schema says.
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

import { z } from 'zod';
import { isPooled } from './budget.ts';
import { brokenRules, type Elsewhere } from './check.ts';
import { stageName } from './deployment.ts';
import { configSchema, type ResolvedConfig, type SluiceConfig } from './schema.ts';
import { type Knob, solve, solved } from './solve.ts';
import { atStage, stageNames } from './stages.ts';

/** All mistakes of a configuration, each with its path in the file. */
export class ConfigMistakes extends Error {
  override readonly name = 'ConfigMistakes';
  readonly mistakes: string[];
  constructor(mistakes: string[], source = 'sluice.config.ts') {
    const count = mistakes.length === 1 ? 'one mistake' : `${mistakes.length} mistakes`;
    super(`${source} has ${count}:\n${mistakes.map((mistake) => `  - ${mistake}`).join('\n')}`);
    this.mistakes = mistakes;
  }
}

/**
 * Validates a configuration, checks the rules across its sections (visibility timeout, connection budget, watermark
 * names) and applies the defaults. Stages are validated and omitted from the result; `stageConfig` resolves one.
 * @param elsewhere the database that is passed separately, outside the configuration.
 * @throws ConfigMistakes with all mistakes.
 */
export function resolveConfig(config: SluiceConfig, elsewhere?: Elsewhere): ResolvedConfig {
  const { parsed, mistakes } = examine(withoutStages(config), elsewhere);
  const inStages = mistakes.length > 0 ? [] : stageMistakes(config, elsewhere);
  if (parsed === undefined || mistakes.length + inStages.length > 0)
    throw new ConfigMistakes([...mistakes, ...inStages]);
  return parsed;
}

/**
 * Resolves the configuration of one stage.
 * @throws ConfigMistakes, also for an unknown stage.
 */
export function stageConfig(config: SluiceConfig, stage: string): ResolvedConfig {
  resolveConfig(config);
  const known = stageNames(config);
  if (!known.includes(stage))
    throw new ConfigMistakes([`stages: there is no stage "${stage}", only ${known.join(', ')}`]);
  return resolveConfig(atStage(config, stage));
}

/**
 * The solved settings of a stage, each with its reason.
 * @throws z.ZodError for a configuration that `stageConfig` refuses.
 */
export function stageKnobs(config: SluiceConfig, stage: string): Knob[] {
  const parsed = configSchema.parse(atStage(config, stage));
  return solve(parsed, isPooled(parsed.database));
}

/** Mistakes of the stages themselves; those of the base are reported before. */
function stageMistakes({ stages, ...base }: SluiceConfig, elsewhere: Elsewhere | undefined): string[] {
  const named = z.record(stageName, z.record(z.string(), z.unknown())).optional().safeParse(stages);
  if (!named.success) return describeIssues(named.error, 'stages');
  return Object.keys(named.data ?? {}).flatMap((stage) =>
    examine(atStage({ ...base, ...(stages === undefined ? {} : { stages }) }, stage), elsewhere).mistakes.map(
      (mistake) => `stages.${stage}.${mistake}`,
    ),
  );
}

function examine(
  written: unknown,
  elsewhere?: Elsewhere,
): { parsed: ResolvedConfig | undefined; mistakes: string[] } {
  const { data, error } = configSchema.safeParse(written);
  // Without type checking, the value can be anything.
  const broken = typeof written === 'object' && written !== null ? brokenRules(written, elsewhere) : [];
  const parsed =
    data === undefined ? undefined : solved(data, solve(data, elsewhere?.pooled ?? isPooled(data.database)));
  return { parsed, mistakes: [...(error === undefined ? [] : describeIssues(error)), ...broken] };
}

function withoutStages(config: unknown): unknown {
  if (typeof config !== 'object' || config === null || Array.isArray(config)) return config;
  const { stages, ...base } = config as SluiceConfig;
  return base;
}

function describeIssues(error: z.ZodError, within = ''): string[] {
  return error.issues.map((issue) => {
    const path = z.core.toDotPath(within === '' ? issue.path : [within, ...issue.path]);
    return `${path || 'config'}: ${issue.message}`;
  });
}

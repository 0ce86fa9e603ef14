import { z } from 'zod';
import { brokenRules } from './check.ts';
import { stageName } from './deployment.ts';
import { configSchema, type ResolvedConfig, type SluiceConfig } from './schema.ts';
import { atStage, stageNames } from './stages.ts';

/** Every mistake of a configuration at once, each with its path in the file. */
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
 * Validates a configuration, holds it to the rules that bind its sections together (visibility timeout, connection
 * budget, names of watermarks) and fills in the defaults. Its stages are validated and left out: `stageConfig`
 * resolves one of them.
 * @param elsewhere the pipeline is given a database beside the configuration.
 * @throws ConfigMistakes with all mistakes, not only the first.
 */
export function resolveConfig(config: SluiceConfig, elsewhere = false): ResolvedConfig {
  const { parsed, mistakes } = examine(withoutStages(config), elsewhere);
  const inStages = mistakes.length > 0 ? [] : stageMistakes(config, elsewhere);
  if (parsed === undefined || mistakes.length + inStages.length > 0)
    throw new ConfigMistakes([...mistakes, ...inStages]);
  return parsed;
}

/**
 * The configuration of one stage.
 * @throws ConfigMistakes, also where there is no such stage.
 */
export function stageConfig(config: SluiceConfig, stage: string): ResolvedConfig {
  resolveConfig(config);
  const known = stageNames(config);
  if (!known.includes(stage))
    throw new ConfigMistakes([`stages: there is no stage "${stage}", only ${known.join(', ')}`]);
  return resolveConfig(atStage(config, stage));
}

/** What is wrong in a stage alone; mistakes of the base have been told already. */
function stageMistakes({ stages, ...base }: SluiceConfig, elsewhere: boolean): string[] {
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
  elsewhere = false,
): { parsed: ResolvedConfig | undefined; mistakes: string[] } {
  const { data, error } = configSchema.safeParse(written);
  // What is written may be anything where types were not checked.
  const broken = typeof written === 'object' && written !== null ? brokenRules(written, elsewhere) : [];
  return { parsed: data, mistakes: [...(error === undefined ? [] : describeIssues(error)), ...broken] };
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

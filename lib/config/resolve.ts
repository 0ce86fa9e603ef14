import { z } from 'zod';
import { brokenRules } from './check.ts';
import { configSchema, type ResolvedConfig, type SluiceConfig } from './schema.ts';

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
 * budget, names of watermarks) and fills in the defaults.
 * @throws ConfigMistakes with all mistakes, not only the first.
 */
export function resolveConfig(config: SluiceConfig): ResolvedConfig {
  const parsed = configSchema.safeParse(config);
  const malformed = parsed.error?.issues.map(
    (issue) => `${z.core.toDotPath(issue.path) || 'config'}: ${issue.message}`,
  );
  // What is written may be anything where types were not checked.
  const written: unknown = config;
  const broken = typeof written === 'object' && written !== null ? brokenRules(written) : [];
  const mistakes = [...(malformed ?? []), ...broken];
  if (parsed.data === undefined || mistakes.length > 0) throw new ConfigMistakes(mistakes);
  return parsed.data;
}

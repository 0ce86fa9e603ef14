import { z } from 'zod';
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
 * Validates a configuration and fills in the defaults.
 * @throws ConfigMistakes with all mistakes, not only the first.
 */
export function resolveConfig(config: SluiceConfig): ResolvedConfig {
  const parsed = configSchema.safeParse(config);
  if (parsed.success) return parsed.data;
  throw new ConfigMistakes(
    parsed.error.issues.map((issue) => `${z.core.toDotPath(issue.path) || 'config'}: ${issue.message}`),
  );
}

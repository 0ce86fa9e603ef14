import { resolve } from 'node:path';
import { connectionFrom } from '../../lib/config/connection.ts';
import { ConfigUnreadable, readConfig } from '../../lib/config/read-config.ts';
import { ConfigMistakes, stageConfig } from '../../lib/config/resolve.ts';
import type { ResolvedConfig, SluiceConfig } from '../../lib/config/schema.ts';
import { RuleBroken } from '../../lib/rules/broken.ts';
import { ArgumentMistake } from './arguments.ts';

/**
 * The configuration of a stage as bin/sluice.ts deploys it: from sluice.config.ts or the file that SLUICE_CONFIG names,
 * with the connection of SLUICE_DATABASE.
 * @throws ConfigMistakes, ConfigUnreadable
 */
export async function configOf(stage: string): Promise<ResolvedConfig> {
  return stageConfig(await writtenConfig(), stage);
}

/**
 * The same before its defaults and stages are applied.
 * @throws ConfigMistakes for SLUICE_DATABASE, ConfigUnreadable
 */
export async function writtenConfig(): Promise<SluiceConfig> {
  const written = await readConfig(resolve(import.meta.dirname, '../..'), process.env.SLUICE_CONFIG);
  return connectionFrom(process.env.SLUICE_DATABASE, written);
}

/** Whether the user can correct the error, in the configuration or in the arguments that name its stage. */
export function isConfigMistake(error: unknown): error is Error {
  return [ConfigMistakes, ConfigUnreadable, RuleBroken, ArgumentMistake].some(
    (kind) => error instanceof kind,
  );
}

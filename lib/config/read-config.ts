import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { SluiceConfig } from './schema.ts';

export class ConfigUnreadable extends Error {
  override readonly name = 'ConfigUnreadable';
  constructor(file: string, cause: unknown) {
    super(`${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/**
 * Reads the `config` export of a configuration file, without validating it.
 * @param root the project's root, which contains sluice.config.ts
 * @param named another file (SLUICE_CONFIG), relative to the working directory
 * @throws ConfigUnreadable
 */
export async function readConfig(root: string, named: string | undefined): Promise<SluiceConfig> {
  const path = named ? resolve(named) : resolve(root, 'sluice.config.ts');
  try {
    const { config } = (await import(pathToFileURL(path).href)) as { config: SluiceConfig };
    return config;
  } catch (error) {
    throw new ConfigUnreadable(named || 'sluice.config.ts', error);
  }
}

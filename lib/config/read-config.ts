import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { SluiceConfig } from './schema.ts';

/** A configuration is no module that Node can load. */
export class ConfigUnreadable extends Error {
  override readonly name = 'ConfigUnreadable';
  constructor(file: string, cause: unknown) {
    super(`${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/**
 * The configuration that a file exports as `config`, as it is written there.
 * @param root of the project, where sluice.config.ts lies
 * @param named by SLUICE_CONFIG: another file, relative to the working directory
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

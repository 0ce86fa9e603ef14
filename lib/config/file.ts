import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { SluiceConfig } from './schema.ts';

/**
 * The configuration that a file exports as `config`, as it is written there.
 * @param root of the project, where sluice.config.ts lies
 * @param named by SLUICE_CONFIG: another file, relative to the working directory
 */
export async function readConfig(root: string, named: string | undefined): Promise<SluiceConfig> {
  const path = named ? resolve(named) : resolve(root, 'sluice.config.ts');
  const { config } = (await import(pathToFileURL(path).href)) as { config: SluiceConfig };
  return config;
}

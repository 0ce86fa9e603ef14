import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { SluiceConfig } from './schema.ts';

const shipped = resolve(import.meta.dirname, '..', '..', 'sluice.config.ts');

/**
 * The configuration that a file exports as `config`, as it is written there: sluice.config.ts of the project's root, or
 * the file that SLUICE_CONFIG names, relative to the working directory.
 */
export async function readConfig(file: string | undefined): Promise<SluiceConfig> {
  const path = file === undefined || file === '' ? shipped : resolve(file);
  const { config } = (await import(pathToFileURL(path).href)) as { config: SluiceConfig };
  return config;
}

import { ConfigMistakes } from './resolve.ts';
import type { SluiceConfig } from './schema.ts';

/**
 * The configuration with the connection of SLUICE_DATABASE, JSON of the same shape as `database.connection`: what
 * is known only when one deploys, such as the address of a secret. Unset or empty changes nothing.
 * @throws ConfigMistakes where it is no JSON object; what is in it the schema checks.
 */
export function connectionFrom(text: string | undefined, config: SluiceConfig): SluiceConfig {
  if (text === undefined || text === '') return config;
  let connection: unknown;
  try {
    connection = JSON.parse(text);
  } catch {
    connection = undefined;
  }
  if (typeof connection !== 'object' || connection === null || Array.isArray(connection))
    throw new ConfigMistakes(['not a JSON object like database.connection'], 'SLUICE_DATABASE');
  const database = { ...config.database, connection } as NonNullable<SluiceConfig['database']>;
  return { ...config, database };
}

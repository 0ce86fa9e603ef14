import { ConfigMistakes } from './resolve.ts';
import type { SluiceConfig } from './schema.ts';

/**
 * Applies SLUICE_DATABASE: JSON of the same shape as `database.connection`, for values known only at deployment,
 * such as a secret's ARN. Unset or empty changes nothing.
 * @throws ConfigMistakes if it is not a JSON object. The schema validates its content.
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

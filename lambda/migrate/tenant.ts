import type { Database } from '../postgres/connection/connection.ts';
import { addTenantKey } from '../postgres/tenants/new-tenant.ts';
import { newApiKey } from './api-key.ts';

/** Creates a tenant if needed, and a key: with this SHA-256 (hex, of the whole key), or new and returned only here. */
export async function makeTenant(
  database: Database,
  { tenant, keySha256 }: { tenant: string; keySha256?: string | undefined },
): Promise<{ tenant: string; apiKey?: string }> {
  const { apiKey, sha256 } = keySha256 === undefined ? newApiKey() : { apiKey: undefined, sha256: keySha256 };
  await database.run((connection) => addTenantKey(connection, tenant, Buffer.from(sha256, 'hex')));
  return apiKey === undefined ? { tenant } : { tenant, apiKey };
}

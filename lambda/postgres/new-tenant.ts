import type { Connection } from './connection.ts';

/** An API key opens one tenant only. */
export class KeyTaken extends Error {
  override readonly name = 'KeyTaken';
}

/**
 * Makes a tenant with a key. Both may be there already; a key of another tenant's is refused.
 * @throws KeyTaken
 */
export async function addTenantKey(connection: Connection, tenant: string, keySha256: Buffer): Promise<void> {
  await connection.query('insert into tenant (id) values ($1) on conflict do nothing', [tenant]);
  await connection.query('insert into api_key (sha256, tenant_id) values ($1, $2) on conflict do nothing', [
    keySha256,
    tenant,
  ]);
  const { rows } = await connection.query<{ tenant_id: string }>(
    'select tenant_id from api_key where sha256 = $1',
    [keySha256],
  );
  if (rows[0]?.tenant_id !== tenant) throw new KeyTaken('the key belongs to another tenant');
}

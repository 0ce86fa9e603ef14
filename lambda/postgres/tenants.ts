import type { Connection } from './connection.ts';

/** The tenant whose key has this SHA-256, or undefined for a key that is unknown or revoked. One look-up by primary key. */
export async function findTenant(connection: Connection, keySha256: Buffer): Promise<string | undefined> {
  const { rows } = await connection.query<{ tenant_id: string }>(
    'select tenant_id from api_key where sha256 = $1 and revoked_at is null',
    [keySha256],
  );
  return rows[0]?.tenant_id;
}

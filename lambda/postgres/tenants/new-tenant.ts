import type { Connection } from '../connection/connection.ts';

/** An API key belongs to one tenant. */
export class KeyTaken extends Error {
  override readonly name = 'KeyTaken';
}

/** A revoked key stays revoked. */
export class KeyRevoked extends Error {
  override readonly name = 'KeyRevoked';
}

/** Creates a tenant with a key; either may exist. @throws KeyTaken (another tenant's), KeyRevoked */
export async function addTenantKey(connection: Connection, tenant: string, keySha256: Buffer): Promise<void> {
  await connection.query('insert into tenant (id) values ($1) on conflict do nothing', [tenant]);
  await addKey(connection, tenant, keySha256);
}

/** Adds a key to an existing tenant. @throws KeyTaken, KeyRevoked */
export async function addKey(connection: Connection, tenant: string, keySha256: Buffer): Promise<void> {
  await connection.query('insert into api_key (sha256, tenant_id) values ($1, $2) on conflict do nothing', [
    keySha256,
    tenant,
  ]);
  const { rows } = await connection.query<{ tenant: string; revoked: boolean }>(
    `select tenant_id as tenant, coalesce(revoked_at <= now(), false) as revoked from api_key where sha256 = $1`,
    [keySha256],
  );
  if (rows[0]?.tenant !== tenant) throw new KeyTaken('the key belongs to another tenant');
  if (rows[0].revoked) throw new KeyRevoked('the key was revoked; create another one');
}

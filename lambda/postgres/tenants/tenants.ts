import type { Connection } from '../connection/connection.ts';

/** Whose a key is, and for how long still: null where no end of it is known. */
export interface KeyHolder {
  tenant: string;
  endsInMs: number | null;
}

/**
 * The tenant whose key has this SHA-256, or undefined for a key that is unknown or revoked. A key that was replaced ends
 * at a time to come. One look-up by primary key; the clock is the database's.
 */
export async function findTenant(connection: Connection, keySha256: Buffer): Promise<KeyHolder | undefined> {
  const { rows } = await connection.query<KeyHolder>(
    `select tenant_id as tenant, (1000 * extract(epoch from revoked_at - now()))::float8 as "endsInMs"
     from api_key where sha256 = $1 and (revoked_at is null or revoked_at > now())`,
    [keySha256],
  );
  return rows[0];
}

/** A tenant as the person sees it who gives out keys. */
export interface TenantFacts {
  tenant: string;
  createdAt: Date;
  /** Keys that open it now. */
  livingKeys: number;
}

/** Tenants in the order of their names, those behind `after`. */
export async function listTenants(
  connection: Connection,
  { after, limit }: { after: string; limit: number },
): Promise<TenantFacts[]> {
  const { rows } = await connection.query<TenantFacts>(
    `select id as tenant, created_at as "createdAt", (
       select count(*) from api_key where tenant_id = tenant.id and (revoked_at is null or revoked_at > now())
     ) as "livingKeys"
     from tenant where id > $1 order by id limit $2`,
    [after, limit],
  );
  return rows;
}

/** True where there is such a tenant, with keys or without. */
export async function tenantExists(connection: Connection, tenant: string): Promise<boolean> {
  const { rowCount } = await connection.query('select 1 from tenant where id = $1', [tenant]);
  return rowCount === 1;
}

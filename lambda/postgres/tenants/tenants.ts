import { defaultPlanName, type StoredPlan } from '../../domain/plan.ts';
import type { Connection } from '../connection/connection.ts';

/** Owner of a key with its plan, and the key's remaining lifetime; null without an end. */
export interface KeyHolder extends StoredPlan {
  tenant: string;
  endsInMs: number | null;
}

const tenantStatement = {
  name: 'tenant of key',
  text: `select tenant_id as tenant, (1000 * extract(epoch from revoked_at - now()))::float8 as "endsInMs",
       tenant.plan, named.terms as named, fallback.terms as fallback
     from api_key join tenant on tenant.id = tenant_id
       left join plan named on named.name = tenant.plan
       left join plan fallback on fallback.name = '${defaultPlanName}'
     where sha256 = $1 and (revoked_at is null or revoked_at > now())`,
};

/** Finds a tenant by a key's SHA-256; undefined if unknown or ended. Primary key look-ups, by database clock. */
export async function findTenant(connection: Connection, keySha256: Buffer): Promise<KeyHolder | undefined> {
  const { rows } = await connection.query<KeyHolder>(tenantStatement, [keySha256]);
  return rows[0];
}

/** A tenant, for operators. */
export interface TenantFacts {
  tenant: string;
  createdAt: Date;
  /** Keys that work now. */
  validKeys: number;
}

/** Tenants by name, those after `after`. */
export async function listTenants(
  connection: Connection,
  { after, limit }: { after: string; limit: number },
): Promise<TenantFacts[]> {
  const { rows } = await connection.query<TenantFacts>(
    `select id as tenant, created_at as "createdAt", (
       select count(*) from api_key where tenant_id = tenant.id and (revoked_at is null or revoked_at > now())
     ) as "validKeys"
     from tenant where id > $1 order by id limit $2`,
    [after, limit],
  );
  return rows;
}

/** True if the tenant exists, with keys or without. */
export async function tenantExists(connection: Connection, tenant: string): Promise<boolean> {
  const { rowCount } = await connection.query('select 1 from tenant where id = $1', [tenant]);
  return rowCount === 1;
}

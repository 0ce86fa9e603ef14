import { defaultPlanName, type Plan, type StoredPlan } from '../../domain/plan.ts';
import type { Connection } from '../connection/connection.ts';

/** A plan that an operator set. */
export interface SetPlan {
  name: string;
  terms: Plan;
  updatedAt: Date;
}

/** All plans that operators set, by name. */
export async function listPlans(connection: Connection): Promise<SetPlan[]> {
  const { rows } = await connection.query<SetPlan>(
    'select name, terms, updated_at as "updatedAt" from plan order by name',
  );
  return rows;
}

/** Tenants of each plan by name, without those of no plan. */
export async function tenantsOfPlans(connection: Connection): Promise<Record<string, number>> {
  const { rows } = await connection.query<{ plan: string; tenants: number }>(
    'select plan, count(*) as tenants from tenant where plan is not null group by plan',
  );
  return Object.fromEntries(rows.map(({ plan, tenants }) => [plan, tenants]));
}

/** Creates or replaces a plan. */
export async function setPlan(connection: Connection, name: string, terms: Plan): Promise<void> {
  await connection.query(
    `insert into plan (name, terms) values ($1, $2)
     on conflict (name) do update set terms = excluded.terms, updated_at = now()`,
    [name, JSON.stringify(terms)],
  );
}

/** @returns whether it existed. */
export async function removePlan(connection: Connection, name: string): Promise<boolean> {
  const { rowCount } = await connection.query('delete from plan where name = $1', [name]);
  return rowCount === 1;
}

/** Gives a tenant a plan by name, or none with null. @returns whether the tenant exists. */
export async function givePlan(
  connection: Connection,
  tenant: string,
  plan: string | null,
): Promise<boolean> {
  const { rowCount } = await connection.query('update tenant set plan = $2 where id = $1', [tenant, plan]);
  return rowCount === 1;
}

/** The stored plan of a tenant; undefined for an unknown one. */
export async function planOfTenant(connection: Connection, tenant: string): Promise<StoredPlan | undefined> {
  const { rows } = await connection.query<StoredPlan>(
    `select tenant.plan, named.terms as named, fallback.terms as fallback
     from tenant left join plan named on named.name = tenant.plan
       left join plan fallback on fallback.name = '${defaultPlanName}'
     where tenant.id = $1`,
    [tenant],
  );
  return rows[0];
}

import { keyCacheSeconds } from '../domain/keys.ts';
import { defaultPlanName, effectivePlan, type Plan, type Quota } from '../domain/plan.ts';
import { planMistakes } from '../domain/plan-rules.ts';
import { type Resource, resources } from '../domain/resources.ts';
import type { Settings } from '../domain/settings.ts';
import type { Connection } from '../postgres/connection/connection.ts';
import { inTransaction } from '../postgres/connection/transaction.ts';
import * as stored from '../postgres/quotas/plans.ts';
import { type ResourceUse, useOfTenant } from '../postgres/quotas/use.ts';
import { requireTenant } from './keys.ts';
import { OperationMistake } from './mistakes.ts';

/** Settings that plans depend on. */
export type PlanSettings = Pick<Settings, 'plans' | 'limits'>;

export interface PlanSummary {
  name: string;
  /** Plans set by operators override those of the configuration. */
  setBy: 'operator' | 'configuration';
  /** Tenants that name it; those without a plan have `default`. */
  tenants: number;
  terms: Plan;
}

export interface PlanChange {
  plan: string;
  note: string;
}

/** The use of one resource, with the bounds of the plan in effect. */
export type BoundedUse = ResourceUse & { quota: Quota | null };

const effective = `Environments of the API apply it within ${keyCacheSeconds} seconds.`;

export async function listPlans(
  connection: Connection,
  _: object,
  { plans }: PlanSettings,
): Promise<{ plans: PlanSummary[] }> {
  const set = await stored.listPlans(connection);
  const tenants = await stored.tenantsOfPlans(connection);
  const configured = Object.entries(plans)
    .filter(([name]) => !set.some((one) => one.name === name))
    .map(([name, terms]) => ({ name, terms, setBy: 'configuration' as const }));
  return {
    plans: [...set.map(({ name, terms }) => ({ name, terms, setBy: 'operator' as const })), ...configured]
      .map((one) => ({ ...one, tenants: tenants[one.name] ?? 0 }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

/** Creates or replaces a plan. @throws OperationMistake `plan_unusable` */
export async function setPlan(
  connection: Connection,
  { plan, terms }: { plan: string; terms: Plan },
  { limits }: PlanSettings,
): Promise<PlanChange> {
  const mistakes = planMistakes(terms, limits).map(({ path, message }) => `${path}: ${message}`);
  if (mistakes.length > 0) throw new OperationMistake('plan_unusable', mistakes.join(' '));
  await stored.setPlan(connection, plan, terms);
  return { plan, note: `The plan ${plan} is set. ${effective}` };
}

/** Removes a plan, also one in use; its tenants then have the default plan. @throws OperationMistake `plan_unknown` */
export function removePlan(
  connection: Connection,
  { plan }: { plan: string },
  { plans }: PlanSettings,
): Promise<PlanChange & { usedBy: number }> {
  return inTransaction(connection, async () => {
    if (!(await stored.removePlan(connection, plan)))
      throw new OperationMistake(
        'plan_unknown',
        plan in plans
          ? `no operator has set the plan "${plan}"; it is one of the configuration`
          : `there is no plan "${plan}"`,
      );
    const tenants = (await stored.tenantsOfPlans(connection))[plan] ?? 0;
    const now =
      plan in plans
        ? `the plan ${plan} of the configuration`
        : `the plan ${defaultPlanName}, until they are given another one`;
    const who = tenants === 1 ? '1 tenant used it and has' : `${tenants} tenants used it and have`;
    return { plan, usedBy: tenants, note: `The plan ${plan} is removed. ${who} ${now}. ${effective}` };
  });
}

/** Gives a tenant a plan; `default` takes its plan away. @throws OperationMistake `tenant_unknown`, `plan_unknown` */
export async function givePlan(
  connection: Connection,
  { tenant, plan }: { tenant: string; plan: string },
  { plans }: PlanSettings,
): Promise<PlanChange & { tenant: string }> {
  const isDefault = plan === defaultPlanName;
  if (!isDefault && !(plan in plans)) {
    const set = await stored.listPlans(connection);
    if (!set.some(({ name }) => name === plan))
      throw new OperationMistake('plan_unknown', `there is no plan "${plan}": set it first`);
  }
  if (!(await stored.givePlan(connection, tenant, isDefault ? null : plan)))
    throw new OperationMistake('tenant_unknown', `there is no tenant "${tenant}"`);
  return { tenant, plan, note: `The tenant ${tenant} has the plan ${plan}. ${effective}` };
}

/** What a tenant has used of its quotas. @throws OperationMistake `tenant_unknown` */
export async function showUse(
  connection: Connection,
  { tenant }: { tenant: string },
  { plans }: PlanSettings,
): Promise<{ tenant: string; plan: string; missing: boolean; terms: Plan; use: BoundedUse[] }> {
  await requireTenant(connection, tenant);
  const own = (await stored.planOfTenant(connection, tenant)) ?? { plan: null, named: null, fallback: null };
  const terms = effectivePlan(own, plans);
  const used = new Map<Resource, ResourceUse>(
    (await useOfTenant(connection, tenant)).map((one) => [one.resource, one]),
  );
  const missing = own.plan !== null && own.named === null && !(own.plan in plans);
  return {
    tenant,
    plan: own.plan ?? defaultPlanName,
    missing,
    terms,
    use: resources
      .filter((resource) => used.has(resource) || terms.quotas[resource] !== undefined)
      .map((resource) => ({
        ...(used.get(resource) ?? { resource, today: 0, thisMonth: 0 }),
        quota: terms.quotas[resource] ?? null,
      })),
  };
}

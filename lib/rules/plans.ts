import type { Plans } from '../../lambda/domain/plan.ts';
import { planMistakes } from '../../lambda/domain/plan-rules.ts';
import type { Limits } from '../../lambda/domain/settings.ts';
import { RuleBroken } from './broken.ts';

/** A plan has quotas that no request fits, or that contradict each other. */
export class PlanUnusable extends RuleBroken {
  override readonly name = 'PlanUnusable';
}

export function unusablePlans(plans: Plans, limits: Limits): PlanUnusable[] {
  return Object.entries(plans).flatMap(([name, plan]) =>
    planMistakes(plan, limits).map(({ path, message }) => new PlanUnusable(`plans.${name}.${path}`, message)),
  );
}

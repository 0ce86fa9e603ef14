import type { OfferPlan } from '../../lib/plan/campaign-plan.ts';
import type { Simulated } from './simulated.ts';

export function campaignChart(plan: OfferPlan, simulated?: Simulated): string {
  return `${plan.stage}${simulated?.ready}`;
}

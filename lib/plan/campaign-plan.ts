import { stageConfig } from '../config/resolve.ts';
import type { SluiceConfig } from '../config/schema.ts';
import { type Assumption, assumptionsOf } from './assumptions.ts';
import { type BudgetPlan, budgetPlan } from './budget-plan.ts';
import { type Course, courseOf, type Offer } from './campaign.ts';
import { type CampaignLever, campaignLevers } from './campaign-levers.ts';
import { type KeepUp, keepUp } from './keep-up.ts';
import { costOfMillion, type MillionCost } from './million.ts';
import { type PeakConnections, peakConnections } from './peak-connections.ts';
import { prices } from './prices.ts';

/** What the arithmetic says of a campaign. docs/planning.md describes the JSON. */
export interface CampaignPlan {
  offer: Offer;
  course: Course;
  connections: PeakConnections;
  keepUp: KeepUp;
  cost: MillionCost & { region: string; asOf: string };
  levers: CampaignLever[];
  assumptions: Assumption[];
}

/** The plan of a stage, and of a campaign on it. */
export interface OfferPlan extends BudgetPlan {
  campaign: CampaignPlan;
}

/**
 * @throws ConfigMistakes, and PriceUnknown for an instance type without a price
 */
export function offerPlan(written: SluiceConfig, stage: string, offer: Offer): OfferPlan {
  const budget = budgetPlan(written, stage);
  const config = stageConfig(written, stage);
  const course = courseOf(config, offer);
  const { images, drainSeconds, told } = course;
  return {
    ...budget,
    campaign: {
      offer,
      course,
      connections: peakConnections(config, course, offer),
      keepUp: keepUp(config, offer),
      cost: {
        region: prices.region,
        asOf: prices.asOf,
        ...costOfMillion(config, images / drainSeconds, { refusals: told.refusals }),
      },
      levers: campaignLevers(config, offer),
      assumptions: assumptionsOf(config, offer, course),
    },
  };
}

import { writeFile } from 'node:fs/promises';
import { stageConfig } from '../../lib/config/resolve.ts';
import type { SluiceConfig } from '../../lib/config/schema.ts';
import { offerPlan } from '../../lib/plan/campaign-plan.ts';
import { campaignText } from './campaign-text.ts';
import type { PlanOptions } from './options.ts';
import { simulated } from './simulated.ts';

/** Prints what a campaign comes to. Progress goes to stderr. @throws ConfigMistakes, PriceUnknown */
export async function printCampaign(
  written: SluiceConfig,
  { stage, offer, json, simulate }: PlanOptions & Required<Pick<PlanOptions, 'offer'>>,
): Promise<void> {
  const plan = offerPlan(written, stage, offer);
  const result = simulate ? simulated(stageConfig(written, stage), plan.campaign) : undefined;
  console.log(
    json ? JSON.stringify({ ...plan, campaign: { ...plan.campaign, ...(result && { simulated: result }) } }, null, 2) : campaignText(plan, result),
  );
}

import { writeFile } from 'node:fs/promises';
import { stageConfig } from '../../lib/config/resolve.ts';
import type { ResolvedConfig, SluiceConfig } from '../../lib/config/schema.ts';
import type { Offer } from '../../lib/plan/campaign.ts';
import { offerPlan } from '../../lib/plan/campaign-plan.ts';
import { campaignChart } from './campaign-chart.ts';
import { campaignText } from './campaign-text.ts';
import type { PlanOptions } from './options.ts';
import { type Simulated, simulated } from './simulated.ts';
import { time } from './words.ts';

/** Prints what a campaign comes to. Progress goes to stderr. @throws ConfigMistakes, PriceUnknown */
export async function printCampaign(
  written: SluiceConfig,
  { stage, offer, json, chart, simulationSeconds }: PlanOptions & { offer: Offer },
): Promise<void> {
  const plan = offerPlan(written, stage, offer);
  const result =
    simulationSeconds > 0 ? simulate(stageConfig(written, stage), offer, simulationSeconds) : undefined;
  const campaign = { ...plan.campaign, ...(result === undefined ? {} : { simulated: result }) };
  console.log(json ? JSON.stringify({ ...plan, campaign }, null, 2) : campaignText(plan, result));
  if (chart === undefined) return;
  const picture = campaignChart(plan, result);
  try {
    await writeFile(chart, picture);
  } catch (error) {
    throw new TypeError(
      `--chart ${chart} cannot be written: ${error instanceof Error ? error.message : error}`,
    );
  }
  console.error(`Chart written to ${chart}`);
}

function simulate(config: ResolvedConfig, offer: Offer, seconds: number): Simulated | undefined {
  console.error(`Simulating the campaign, for ${time(seconds)} of a processor at most …`);
  const result = simulated(config, offer, {
    seconds,
    progress: (at) => console.error(`  ${time(at)} after its beginning`),
  });
  if (result === undefined)
    console.error(
      `The simulation was not finished within ${time(seconds)} of a processor, so the numbers are those of the arithmetic. --simulate 10m lets it take longer.`,
    );
  return result;
}

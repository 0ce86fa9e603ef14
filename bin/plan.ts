import { budgetPlan } from '../lib/plan/budget-plan.ts';
import { PriceUnknown } from '../lib/plan/database-cost.ts';
import { printCampaign } from './plan/campaign.ts';
import { planOptions } from './plan/options.ts';
import { planTable } from './plan/table.ts';
import { ArgumentMistake } from './stage/arguments.ts';
import { isConfigMistake, writtenConfig } from './stage/config.ts';

/*
 * npm run plan -- [-c stage=dev] [--json]: connections, concurrencies and times of a stage, each set or derived, with the
 * reason. With --rate 50000/min --for 10m [--tenants n] [--chart file.svg] [--simulate 60s] also what a campaign comes to:
 * docs/planning.md. Exits with 1 and all mistakes for an unsafe configuration or a missing price, with 2 for a wrong option.
 */
try {
  const options = planOptions(process.argv.slice(2));
  const { stage, json, offer } = options;
  const written = await writtenConfig();
  if (offer === undefined) {
    const plan = budgetPlan(written, stage);
    console.log(json ? JSON.stringify(plan, null, 2) : planTable(plan));
  } else await printCampaign(written, { ...options, offer });
} catch (error) {
  const wrongOption = error instanceof TypeError || error instanceof ArgumentMistake;
  const known = wrongOption || error instanceof PriceUnknown || isConfigMistake(error);
  if (!known) throw error;
  console.error(`\n${error.message}\n`);
  process.exitCode = wrongOption ? 2 : 1;
}

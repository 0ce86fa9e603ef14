import { setTimeout as pause } from 'node:timers/promises';
import { simulateCampaign } from '../simulator/campaign.ts';
import { scenarioOf } from '../simulator/config-scenario.ts';
import { sensitivities } from '../simulator/sensitivity.ts';
import { simulateOptions } from './simulate/options.ts';
import { progressWriter } from './simulate/progress.ts';
import { campaignTable, sensitivityTable } from './simulate/table.ts';
import { isConfigMistake, writtenConfig } from './stage/config.ts';

/*
 * npm run simulate -- [--rate 50000/min] [--for 1m] [--tenants n] [--loud share] [--workers n] [--seed n] [--sensitivity]
 * [--json]: what a campaign does to the pipeline of sluice.config.ts, in virtual time with the functions' policies
 * (docs/simulator.md). Exits with 1 for an unsafe configuration, with 2 for a wrong option.
 */
try {
  const options = simulateOptions(process.argv.slice(2), await writtenConfig());
  const { source, config, campaign, json } = options;
  const progress = progressWriter((line) => process.stderr.write(line));
  if (!options.sensitivity) {
    const result = simulateCampaign(config, campaign, undefined, { progress: progress.at });
    progress.clear();
    console.log(json ? JSON.stringify({ campaign, result }) : campaignTable(config, campaign, result));
  } else {
    // Without them nothing would return to the queue, and the back-off would not matter.
    const half = campaign.seconds / 2;
    const scenario = scenarioOf(config);
    const change = {
      storageFaults: [{ from: half, to: half + 30 }],
      database: {
        ...scenario.database,
        outages: [{ from: 1.5 * campaign.seconds, to: 1.5 * campaign.seconds + 20 }],
      },
      progress: progress.at,
    };
    const rows = [];
    for (const row of sensitivities({ source, config, campaign, change })) {
      rows.push(row);
      progress.done(row.knob === undefined ? 'as configured' : `${row.knob} × ${row.factor}`);
      await pause(0);
    }
    progress.clear();
    const short = rows.map(({ result, ...row }) => {
      if (result === undefined) return row;
      const { timeline: _, ...rest } = result;
      return { ...row, result: rest };
    });
    console.log(json ? JSON.stringify({ campaign, rows: short }) : sensitivityTable(campaign, rows));
  }
} catch (error) {
  const isOption = error instanceof TypeError;
  if (!isOption && !isConfigMistake(error)) throw error;
  console.error(`\n${error.message}\n`);
  process.exitCode = isOption ? 2 : 1;
}

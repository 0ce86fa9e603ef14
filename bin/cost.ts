import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ConfigUnreadable, readConfig } from '../lib/config/file.ts';
import { ConfigMistakes, stageConfig } from '../lib/config/resolve.ts';
import { monthlyCost, PriceUnknown } from '../lib/plan/cost.ts';
import { costTable } from './cost/table.ts';

/*
 * npm run cost -- [-c stage=dev] [--images 50/min] [--json]: what a stage costs in a month, idle and at a rate, with its
 * parts. Reads SLUICE_CONFIG as the others do. Ends with 1 where the configuration is wrong, with 2 for a wrong option.
 */
try {
  const { values } = parseArgs({
    options: {
      context: { type: 'string', short: 'c', default: 'stage=dev' },
      images: { type: 'string', default: '50/min' },
      json: { type: 'boolean', default: false },
    },
  });
  const stage = /^stage=(\w+)$/.exec(values.context)?.[1];
  const rate = /^(\d+(?:\.\d+)?)\/min$/.exec(values.images)?.[1];
  if (stage === undefined) throw new TypeError('-c takes stage=<name>, such as -c stage=prod.');
  if (rate === undefined)
    throw new TypeError('--images takes a rate by the minute, such as --images 50/min.');
  const root = resolve(import.meta.dirname, '..');
  const config = stageConfig(await readConfig(root, process.env.SLUICE_CONFIG), stage);
  const parts = monthlyCost(config, Number(rate));
  console.log(
    values.json
      ? JSON.stringify({ stage, imagesPerMinute: Number(rate), parts }, null, 2)
      : costTable(stage, Number(rate), parts),
  );
} catch (error) {
  const mistaken =
    error instanceof ConfigMistakes || error instanceof ConfigUnreadable || error instanceof PriceUnknown;
  if (!mistaken && !(error instanceof TypeError)) throw error;
  console.error(`\n${error.message}\n`);
  process.exitCode = mistaken ? 1 : 2;
}
